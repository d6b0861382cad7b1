#pragma once

#include "api/outgoing_http.hpp"
#include "api/token_provider/proof.hpp"
#include "api/token_provider/settings.hpp"

#include <latchkey/base/clock.hpp>
#include <latchkey/base/event_log.hpp>
#include <latchkey/base/random_source.hpp>
#include <latchkey/token/hmac_key.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace latchkey::api {

/// `t=<seconds>,v1=<hex>`: an HMAC-SHA-256 by the shared secret over the seconds, a dot and the
/// body. Whoever receives it knows that the body is ours and, by the seconds, that it is not an old
/// one sent again. The credentials and the fields beside the body are not covered.
[[nodiscard]] std::string sign_webhook(token::HmacKey const& key, Instant now,
                                       std::string_view body);

/// Hands the proof to the integrator's own service, which answers 200 with the user, or 401 or 403.
/// Asked again where it cannot have been reached, or says 502, 503 or 504; with the same
/// `Idempotency-Key`.
class WebhookJudge final : public ProofJudge {
public:
    static constexpr std::size_t kAnswerBytesMax = std::size_t{64} * 1024;
    /// Before the second try and the third; there is no fourth.
    static constexpr std::array kPauses = {std::chrono::milliseconds{100},
                                           std::chrono::milliseconds{400}};
    static constexpr std::size_t kUnderWayMax = 1024;  ///< questions; more: 502/-1

    /// All outlive this object; `settings.source` is a `WebhookSource`.
    WebhookJudge(TokenProviderSettings const& settings, OutgoingHttp& http, Clock const& clock,
                 RandomSource& random, EventLog& log);

    void judge(Proof proof, std::move_only_function<void(JudgedProof)> judged) override;

private:
    struct Question;
    void ask(std::shared_ptr<Question> question);
    void on_outcome(std::shared_ptr<Question> question,
                    std::expected<OutgoingResponse, OutgoingFailure> const& outcome);
    [[nodiscard]] JudgedProof read(
        std::expected<OutgoingResponse, OutgoingFailure> const& outcome) const;
    [[nodiscard]] wire::ApiError fail(std::string_view why) const;

    TokenProviderSettings const& settings_;
    WebhookSource const& source_;
    OutgoingHttp& http_;
    Clock const& clock_;
    RandomSource& random_;
    EventLog& log_;
    token::HmacKey key_;
    /// Shared with the questions: `http` may let go of the last of them after this object is gone.
    std::shared_ptr<std::atomic<std::size_t>> under_way_ =
        std::make_shared<std::atomic<std::size_t>>(0);
};

}  // namespace latchkey::api
