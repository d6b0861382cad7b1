#pragma once

#include "api/node.hpp"
#include "domain/authenticate.hpp"
#include "domain/figures.hpp"

#include <latchkey/base/instant.hpp>
#include <latchkey/token/verifier.hpp>

#include <cstddef>
#include <expected>

namespace latchkey::api {

/// `domain::authenticate` as one loop calls it: with a verifier of its own, and counted. Belongs to
/// its loop.
class Authenticator {
public:
    /// `node` outlives this object; `slot` is the loop's in node state.
    Authenticator(Node const& node, std::size_t slot) : node_(node), slot_(slot) {}

    /// `state` is read by the loop's slot. The identity's views live as long as
    /// `domain::authenticate` says.
    [[nodiscard]] std::expected<domain::Identity, domain::Refusal> decide(
        domain::NodeState::Reader const& state, domain::Credentials const& credentials,
        Instant now) {
        auto const* app = state.find_app(credentials.api_key);
        auto decision = domain::authenticate(app, credentials, now, verifier_);
        if (app == nullptr) {
            state.other_figures().count(slot_, decision);
        } else {
            app->count(slot_, decision, now);
        }
        if (decision && decision->developer_token) {
            node_.developer_tokens->note(*decision->app->app);
        }
        return decision;
    }

private:
    Node const& node_;
    std::size_t slot_;
    token::Verifier verifier_;
};

}  // namespace latchkey::api
