#pragma once

#include "sdk/backoff.hpp"
#include "sdk/session_world.hpp"
#include "sdk/token_asker.hpp"

#include <latchkey/sdk/error.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace latchkey::sdk {

/// How often in a row the provider fails before those who wait are told; from then on they are told
/// each time, until it answers with a token.
inline constexpr int kProviderTriesMax = 5;
/// How long it may take before those who wait are told that it hangs.
inline constexpr std::chrono::seconds kProviderAnswerMax{15};
/// Between failed tries.
inline constexpr Backoff::Bounds kProviderPauses{.first = std::chrono::milliseconds{250},
                                                 .max = std::chrono::seconds{5}};

/// The shortest pause after the second of the fresh tokens that are refused in a row, and half of
/// the longest; it doubles from one to the next. `kRefusedTokensMax` of them take seven seconds at
/// least: after a revocation of this moment the tokens of backends that date them back, by up to
/// five seconds (protocol section 1.4), are void for a second longer than that, and no session is
/// to die of it.
inline constexpr std::chrono::milliseconds kRefusedTokenPause{1000};

/// Holds the token of one user's session, and renews it: one renewal serves all who wait. Belongs
/// to the network's thread.
///
/// The provider is asked first at once; again, with growing pauses, where it fails or where two of
/// its tokens in a row were refused. What is refused is a number, not a text: whoever learns that
/// an older token is void than the one held here starts nothing.
class TokenManager {
public:
    class Listener {
    public:
        virtual ~Listener() = default;
        /// There is a token to send.
        virtual void on_token() = 0;
        /// There is none for now; who waited is told. The next `take` asks anew.
        virtual void on_token_failure(Error const& error) = 0;
        /// There will be none: `UserClient::kRefusedTokensMax` in a row were refused.
        virtual void on_tokens_refused(Error const& error) = 0;
    };

    /// All there is, or where more come from.
    using Source = std::variant<std::string, std::unique_ptr<TokenAsker>>;

    /// `world` and `listener` outlive this object. A static token was checked before.
    TokenManager(SessionWorld& world, std::string user_id, Source source, Listener& listener);

    /// The token to send now. Empty: there is none, or its own `exp` has passed by the server's
    /// clock; the provider is being asked, and the listener hears of it.
    [[nodiscard]] std::optional<Credential> take();

    /// Whether there is a provider.
    [[nodiscard]] bool can_renew() const noexcept { return asker_ != nullptr; }
    /// Whether the provider is being asked, or will be after a pause.
    [[nodiscard]] bool is_renewing() const noexcept { return asking_ || pause_ != nullptr; }

    /// The server refused that token with code 40. Only where `can_renew`.
    void refused(std::uint64_t number);
    /// The server took that token.
    void accepted(std::uint64_t number);

private:
    void renew();
    void ask();
    void answered(ProvidedToken answer);
    void failed(std::string message);
    void void_token();
    [[nodiscard]] std::chrono::milliseconds next_pause();
    [[nodiscard]] bool has_expired() const;

    SessionWorld& world_;
    std::string user_id_;
    std::unique_ptr<TokenAsker> asker_;
    Listener& listener_;

    std::optional<Credential> token_;
    std::optional<Instant> expires_at_;
    std::uint64_t number_ = 0;
    bool proven_ = false;   ///< the server took the token that is held, or was held last
    int refusals_ = 0;      ///< of tokens in a row that the server never took
    int tries_ = 0;         ///< that failed in a row, up to `kProviderTriesMax`
    bool pausing_ = false;  ///< the provider's last answer was none: the next question waits
    Backoff pauses_;

    bool asking_ = false;
    std::unique_ptr<Wait> pause_;    ///< until the next question
    std::unique_ptr<Wait> overdue_;  ///< until the provider counts as hanging
};

}  // namespace latchkey::sdk
