#pragma once

#include "api/endpoint.hpp"
#include "api/node.hpp"
#include "api/token_admin.hpp"
#include "http/service.hpp"

#include <latchkey/base/secret.hpp>
#include <latchkey/token/hmac_key.hpp>
#include <latchkey/token/verifier.hpp>

#include <cstddef>
#include <string_view>

namespace latchkey::api {

/// The admin listener: health, metrics, and the admin API for holders of the local credential.
class AdminService final : public http::Service {
public:
    /// `credential` is what callers show as `Authorization: Bearer …`; `slot` is this loop's in
    /// node state. `node` and `loop` outlive this object.
    AdminService(Node const& node, http::Loop& loop, std::size_t slot, Secret const& credential);

    void handle(http::Exchange& exchange) override;
    void describe_error(int status, std::string_view why, http::Response& response) override;
    void on_tick() override {}
    void on_stop() override {}

private:
    [[nodiscard]] bool is_authorized(http::Request const& request) const;
    void call_admin(http::Exchange& exchange);
    void ask_about_token(http::Exchange& exchange, TokenQuestion* question);
    /// Lets the store do the work and answers with what comes of it.
    void answer_from_store(http::Exchange& exchange, std::string_view operation_id, StoreWork work);

    Node const& node_;
    http::Loop& loop_;
    std::size_t slot_;
    token::Verifier verifier_;
    // The credential as a key and the MAC of a fixed text: two MACs are compared in constant time,
    // and the credential itself is not kept.
    token::HmacKey::Mac credential_mac_;
};

}  // namespace latchkey::api
