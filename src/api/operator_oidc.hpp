#pragma once

#include "api/admin_call.hpp"
#include "api/operator_access.hpp"
#include "api/operator_oidc_settings.hpp"
#include "api/outgoing_http.hpp"
#include "api/token_provider/provider_keys.hpp"
#include "oidc/discovery.hpp"
#include "oidc/jws.hpp"

#include <latchkey/base/random_source.hpp>
#include <latchkey/wire/api_error.hpp>

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace latchkey::api {

/// Signing in to the dashboard by an identity provider: the authorization code flow with PKCE
/// (RFC 7636) and a nonce.
///
/// Each sign-in is known by a random `state`, used once, and bound to the browser that began it by
/// a cookie of its own: who gets somebody to open the end of another's sign-in signs nobody in (RFC
/// 6749 section 10.12), and sign-ins in two tabs do not end each other. Belongs to the admin
/// listener's loop, and outlives what it is asked to do there.
class OperatorOidc {
public:
    static constexpr std::size_t kUnderWayMax = 256;  ///< one more ends the oldest
    /// One more ends the oldest of the same address (`network_of`), so that nobody ends all
    /// others'.
    static constexpr std::size_t kUnderWayPerAddressMax = 16;
    static constexpr std::chrono::minutes kUnderWayFor{10};
    static constexpr std::chrono::milliseconds kDeadline{5000};  ///< of exchanging the code

    /// Of the cookie that binds the sign-in of this `state` to its browser.
    [[nodiscard]] static std::string cookie_name(std::string_view state, bool over_tls);

    using GoOn = std::move_only_function<void(LateAdminReply)>;

    /// All outlive this object.
    OperatorOidc(OperatorOidcSettings const& settings, Node const& node, http::Loop& loop,
                 OperatorAccess& access, OutgoingHttp& http);

    [[nodiscard]] std::string const& name() const { return settings_.name; }

    /// Sends the browser to the provider. `origin`: where the browser reached us.
    void begin(std::string origin, SignInPlace place, GoOn go_on);

    /// What the browser came back with.
    struct Return {
        std::string state;
        std::string code;
        std::string cookie;  ///< its value, as the browser showed it
        SignInPlace place;
    };
    void finish(Return back, GoOn go_on);

private:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// One sign-in that is under way.
    struct UnderWay {
        std::string cookie;
        std::string nonce;
        std::string verifier;
        std::string redirect_uri;
        std::string network;  ///< that it was begun from
        TimePoint begun_at;
    };
    struct Finishing;
    using FinishingPtr = std::shared_ptr<Finishing>;
    using Discovery = ProviderKeys::Discovery;

    /// The provider's document, fit for the code flow. `then` is called on the loop.
    void discover(ProviderKeys::Discovered then);
    [[nodiscard]] http::Response send_away(oidc::Discovery const& discovery, std::string origin,
                                           SignInPlace const& place);
    [[nodiscard]] std::string random_text();
    void make_room(std::string_view network, TimePoint now);
    [[nodiscard]] std::optional<UnderWay> take(Return const& back, TimePoint now);

    void exchange_code(FinishingPtr finishing, oidc::Discovery const& discovery);
    void on_tokens(FinishingPtr finishing,
                   std::expected<OutgoingResponse, OutgoingFailure> const& outcome);
    void on_verdict(FinishingPtr finishing, ProviderKeys::Verdict const& payload);
    void sign_in(FinishingPtr finishing, std::string subject);
    void refuse(Finishing& finishing, std::string_view why);
    void fail(Finishing& finishing, std::string_view why);

    OperatorOidcSettings const& settings_;
    Node const& node_;
    http::Loop& loop_;
    OperatorAccess& access_;
    OutgoingHttp& http_;
    std::shared_ptr<ProviderKeys> provider_;
    std::map<std::string, UnderWay, std::less<>> under_way_;  ///< by state
};

}  // namespace latchkey::api
