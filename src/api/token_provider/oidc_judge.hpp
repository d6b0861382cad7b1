#pragma once

#include "api/outgoing_http.hpp"
#include "api/token_provider/proof.hpp"
#include "api/token_provider/provider_keys.hpp"
#include "api/token_provider/settings.hpp"

#include <latchkey/base/clock.hpp>
#include <latchkey/base/event_log.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace latchkey::api {

/// Takes a token of an identity provider as the proof: in `Authorization`, with `Bearer` in front
/// or not, or as `token` in the body. The body may name the `nonce` that the token has to have.
class OidcJudge final : public ProofJudge {
public:
    /// All outlive this object; `settings.source` is an `OidcSource`.
    OidcJudge(TokenProviderSettings const& settings, OutgoingHttp& http, Clock const& clock,
              EventLog& log);

    void judge(Proof proof, std::move_only_function<void(JudgedProof)> judged) override;

private:
    [[nodiscard]] JudgedProof decide(ProviderKeys::Verdict const& payload,
                                     std::optional<std::string> const& nonce) const;

    TokenProviderSettings const& settings_;
    OidcSource const& source_;
    Clock const& clock_;
    std::shared_ptr<ProviderKeys> keys_;
};

}  // namespace latchkey::api
