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
/// 6749 section 10.12). Belongs to the admin listener's loop, and outlives what it is asked to do
/// there.
class OperatorOidc {
public:
    static constexpr std::size_t kUnderWayMax = 256;  ///< one more ends the oldest
    static constexpr std::chrono::minutes kUnderWayFor{10};
    static constexpr std::chrono::milliseconds kDeadline{5000};  ///< each request to the provider

    /// Of the cookie that binds a sign-in to its browser.
    [[nodiscard]] static constexpr std::string_view cookie_name(bool over_tls) {
        return over_tls ? "__Secure-latchkey-oidc" : "latchkey-oidc";
    }

    using GoOn = std::move_only_function<void(LateAdminReply)>;

    /// All outlive this object.
    OperatorOidc(OperatorOidcSettings const& settings, Node const& node, http::Loop& loop,
                 OperatorAccess& access, OutgoingHttp& http);

    [[nodiscard]] std::string const& name() const { return settings_.name; }

    /// Sends the browser to the provider. `origin`: where the browser reached us.
    void begin(std::string origin, bool over_tls, GoOn go_on);

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
        TimePoint begun_at;
    };
    struct Finishing;
    using FinishingPtr = std::shared_ptr<Finishing>;
    using Discovered = std::expected<oidc::Discovery, std::string_view>;

    /// `then` is called on the loop, perhaps inside this call.
    void discover(std::move_only_function<void(Discovered)> then);
    [[nodiscard]] http::Response send_away(oidc::Discovery const& discovery, std::string origin,
                                           bool over_tls);
    [[nodiscard]] std::string random_text();
    void make_room(TimePoint now);
    [[nodiscard]] std::optional<UnderWay> take(Return const& back, TimePoint now);

    void exchange_code(FinishingPtr finishing, oidc::Discovery const& discovery);
    void on_tokens(FinishingPtr finishing,
                   std::expected<OutgoingResponse, OutgoingFailure> const& outcome);
    void verify(FinishingPtr finishing, oidc::SignedToken const& token,
                ProviderKeys::Keys const& keys);
    void sign_in(FinishingPtr finishing, std::string subject);
    void refuse(Finishing& finishing, std::string_view why);
    void fail(Finishing& finishing, std::string_view why);

    OperatorOidcSettings const& settings_;
    Node const& node_;
    http::Loop& loop_;
    OperatorAccess& access_;
    OutgoingHttp& http_;
    std::shared_ptr<ProviderKeys> keys_;
    std::map<std::string, UnderWay, std::less<>> under_way_;  ///< by state
    std::optional<oidc::Discovery> discovery_;
    TimePoint discovered_at_{};
};

}  // namespace latchkey::api
