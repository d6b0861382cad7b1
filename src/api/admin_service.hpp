#pragma once

#include "api/admin_call.hpp"
#include "api/admin_hosts.hpp"
#include "api/admin_routes.hpp"
#include "api/live_feed.hpp"
#include "api/node.hpp"
#include "api/operator.hpp"
#include "api/operator_access.hpp"
#include "api/operator_oidc.hpp"
#include "api/secret_keeper.hpp"
#include "api/setup_code.hpp"
#include "api/static_files.hpp"
#include "http/service.hpp"

#include <latchkey/base/secret.hpp>
#include <latchkey/token/hmac_key.hpp>
#include <latchkey/token/verifier.hpp>

#include <chrono>
#include <cstddef>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace latchkey::api {

/// The admin listener: health, metrics, the dashboard, and the admin API for whoever
/// has signed in, and for holders of the local credential.
class AdminService final : public http::Service {
public:
    /// `credential` is what callers show as `Authorization: Bearer …`; `slot` is this loop's in
    /// node state. With `setup_code` whoever shows it makes the first account; null: there is one.
    /// Whoever calls by a name that is none of `hosts` is told no more than the server's health.
    /// `node`, `loop` and `setup_code` outlive this object.
    AdminService(Node const& node, http::Loop& loop, std::size_t slot, Secret const& credential,
                 std::span<StaticFile const> files = dashboard_files(),
                 SetupCode const* setup_code = nullptr, AdminHosts hosts = {});

    void handle(http::Exchange& exchange) override;
    void describe_error(int status, std::string_view why, http::Response& response) override;
    void on_tick() override;
    void on_stop() override { live_.on_stop(); }

private:
    /// Node state as this loop reads it.
    class LoopTokenState final : public TokenState {
    public:
        LoopTokenState(domain::NodeState const& state, std::size_t slot)
            : state_(state), slot_(slot) {}
        [[nodiscard]] domain::NodeState::Reader read() override { return state_.read(slot_); }
        [[nodiscard]] token::Verifier& verifier() override { return verifier_; }

    private:
        domain::NodeState const& state_;
        std::size_t slot_;
        token::Verifier verifier_;
    };

    /// What an answer that is put off is given its form by.
    struct Pending {
        std::string_view operation;
        std::chrono::steady_clock::time_point started;
        std::unique_ptr<http::DeferredAnswer> answer;
    };

    /// Who calls, by credential or by cookie; `route` is null where there is none.
    [[nodiscard]] std::expected<Operator, wire::ApiError> identify(http::Exchange const& exchange,
                                                                   AdminRoute const* route);
    /// Where the call came from; behind a proxy that does not say, the proxy.
    [[nodiscard]] std::string address_of(http::Request const& request) const;
    [[nodiscard]] bool shows_credential(http::Request const& request) const;
    void handle_admin(http::Exchange& exchange);
    void call_route(http::Exchange& exchange, AdminRouteMatch const& match, Operator const& caller);
    /// Lets the work be done, wherever that is, and answers with what comes of it.
    void answer_late(Pending pending, LateAdminReply reply);
    void answer_at_once(http::Exchange& exchange, std::string_view operation, Result const& result);
    /// Gives a result its form, headers of every answer included.
    [[nodiscard]] http::Response format(std::string_view operation, Result const& result,
                                        std::chrono::steady_clock::time_point started) const;

    Node const& node_;
    http::Loop& loop_;
    LoopTokenState tokens_;
    OperatorAccess access_;
    LiveFeed live_;
    std::unique_ptr<OperatorOidc> oidc_;  ///< null: nobody signs in by an identity provider
    AdminWorld world_;
    SecretKeeper keeper_;
    std::span<StaticFile const> files_;
    AdminHosts hosts_;
    // The credential as a key and the MAC of a fixed text: two MACs are compared in constant time,
    // and the credential itself is not kept.
    token::HmacKey::Mac credential_mac_;
};

}  // namespace latchkey::api
