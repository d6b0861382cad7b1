#pragma once

#include "api/client_names.hpp"
#include "api/developer_token_uses.hpp"
#include "api/endpoint.hpp"
#include "api/event_feed.hpp"
#include "api/poll_directory.hpp"
#include "api/presence.hpp"
#include "api/rate_limits.hpp"
#include "api/server_facts.hpp"
#include "api/trusted_proxies.hpp"
#include "domain/node_state.hpp"
#include "domain/passwords.hpp"
#include "domain/store_queue.hpp"

#include <latchkey/base/clock.hpp>
#include <latchkey/base/event_log.hpp>
#include <latchkey/base/random_source.hpp>

#include <atomic>
#include <cstddef>
#include <memory>

namespace latchkey::api {

class TokenProviders;
struct OperatorOidcSource;

/// What every loop's service works with; all of it outlives the services and is thread-safe.
struct Node {
    domain::NodeState const& state;
    domain::StoreQueue& store;
    domain::ChangeFeed& changes;
    Presence& presence;
    Clock const& clock;
    RandomSource& random;
    EventLog& log;
    Readings const& readings;
    TrustedProxies const& proxies;
    domain::PasswordQueue& passwords;
    std::atomic<bool> const& ready;  ///< state loaded, store writable, not stopping
    std::size_t loop_count;
    RateLimitSettings rate_limits{};
    TokenProviders const* token_providers = nullptr;  ///< null: there are none
    /// Null: operators sign in by password only.
    OperatorOidcSource const* operator_oidc = nullptr;
    std::unique_ptr<PollDirectory> polls = std::make_unique<PollDirectory>();
    std::unique_ptr<EventFeed> events = std::make_unique<EventFeed>(store, presence, clock);
    std::unique_ptr<ClientNames> clients = std::make_unique<ClientNames>();
    std::unique_ptr<DeveloperTokenUses> developer_tokens =
        std::make_unique<DeveloperTokenUses>(clock, log);
    std::unique_ptr<ServerFacts> facts = std::make_unique<ServerFacts>(clock.now());
};

}  // namespace latchkey::api
