#pragma once

#include "api/node.hpp"
#include "domain/authenticate.hpp"

#include <latchkey/base/instant.hpp>
#include <latchkey/token/verifier.hpp>

#include <cstddef>
#include <expected>

namespace latchkey::api {

/// `domain::authenticate` as one loop calls it: with a verifier of its own, and counted. Belongs to
/// its loop.
class Authenticator {
public:
    /// `node` outlives this object.
    Authenticator(Node const& node, std::size_t loop) : node_(node), loop_(loop) {}

    /// The identity's views live as long as `domain::authenticate` says.
    [[nodiscard]] std::expected<domain::Identity, domain::Refusal> decide(
        domain::NodeState::Reader const& state, domain::Credentials const& credentials,
        Instant now) {
        auto decision = domain::authenticate(state, credentials, now, verifier_);
        node_.decisions->count(loop_, decision);
        if (decision && decision->developer_token) {
            node_.developer_tokens->note(*decision->app->app);
        }
        return decision;
    }

private:
    Node const& node_;
    std::size_t loop_;
    token::Verifier verifier_;
};

}  // namespace latchkey::api
