#include "api/token_provider/provider_keys.hpp"

#include <utility>

namespace latchkey::api {

using Advice = oidc::KeyCache::Advice;
using Outcome = std::expected<OutgoingResponse, OutgoingFailure>;

std::expected<oidc::Discovery, std::string_view> read_discovery(Outcome const& outcome,
                                                                std::string_view issuer) {
    if (!outcome) {
        return std::unexpected(describe(outcome.error()));
    }
    if (outcome->status != 200) {
        return std::unexpected("the status is not 200");
    }
    auto discovery = oidc::parse_discovery(outcome->body, issuer);
    if (!discovery) {
        return std::unexpected(oidc::describe(discovery.error()));
    }
    return *std::move(discovery);
}

ProviderKeys::ProviderKeys(Origin origin, OutgoingHttp& http, Clock const& clock, EventLog& log)
    : origin_(std::move(origin)), http_(http), clock_(clock), log_(log) {}

void ProviderKeys::find(std::optional<std::string_view> key_id, Found found) {
    std::unique_lock lock(mutex_);
    auto answer = cache_.ask(key_id, clock_.monotonic());
    follow(std::move(lock), std::move(answer), std::move(found));
}

void ProviderKeys::find_newer(Keys const& tried, Found found) {
    std::unique_lock lock(mutex_);
    auto answer = cache_.ask_newer(tried, clock_.monotonic());
    follow(std::move(lock), std::move(answer), std::move(found));
}

void ProviderKeys::follow(std::unique_lock<std::mutex> lock, oidc::KeyCache::Answer answer,
                          Found found) {
    bool const waits = answer.advice == Advice::Wait && waiting_.size() < kWaitingMax;
    if (waits) {
        waiting_.push_back(std::move(found));
    }
    lock.unlock();
    if (answer.fetch) {
        fetch();
    }
    if (!waits) {
        found(std::move(answer.keys));
    }
}

void ProviderKeys::fetch() {
    std::unique_lock lock(mutex_);
    bool const known = keys_url_ && clock_.monotonic() < discovered_at_ + kDiscoveryFresh;
    auto const url = keys_url_;
    lock.unlock();
    if (known) {
        fetch_keys(*url);
        return;
    }
    auto const issuer = oidc::parse_issuer(origin_.issuer);
    http_.send(
        get(oidc::discovery_url(*issuer)), kFetchDeadline,
        [self = shared_from_this()](Outcome const& outcome) { self->on_discovery(outcome); });
}

void ProviderKeys::on_discovery(Outcome const& outcome) {
    auto const discovery = read_discovery(outcome, origin_.issuer);
    if (!discovery) {
        fail("discovery", discovery.error());
        return;
    }
    {
        std::scoped_lock const lock(mutex_);
        keys_url_ = discovery->jwks;
        discovered_at_ = clock_.monotonic();
    }
    fetch_keys(discovery->jwks);
}

void ProviderKeys::fetch_keys(http::Url const& url) {
    http_.send(get(url), kFetchDeadline,
               [self = shared_from_this()](Outcome const& outcome) { self->on_keys(outcome); });
}

void ProviderKeys::on_keys(Outcome const& outcome) {
    if (!outcome) {
        fail("keys", describe(outcome.error()));
        return;
    }
    if (outcome->status != 200) {
        fail("keys", "the status is not 200");
        return;
    }
    auto keys = oidc::JwkSet::parse(outcome->body);
    if (!keys) {
        fail("keys", oidc::describe(keys.error()));
        return;
    }
    log_.write(LogLevel::Debug, "token_provider.keys_fetched",
               {{"provider", origin_.provider}, {"keys", keys->keys().size()}});
    std::unique_lock lock(mutex_);
    cache_.succeed(*std::move(keys), oidc::parse_max_age(outcome->cache_control),
                   clock_.monotonic());
    settle(std::move(lock));
}

void ProviderKeys::fail(std::string_view step, std::string_view why) {
    log_.write(LogLevel::Warning, "token_provider.keys_not_fetched",
               {{"provider", origin_.provider}, {"step", step}, {"why", why}});
    std::unique_lock lock(mutex_);
    keys_url_.reset();  // they may have moved
    cache_.fail(clock_.monotonic());
    settle(std::move(lock));
}

void ProviderKeys::settle(std::unique_lock<std::mutex> lock) {
    auto const keys = cache_.current(clock_.monotonic());
    auto waiting = std::exchange(waiting_, {});
    lock.unlock();
    for (auto& found : waiting) {
        found(keys);
    }
}

OutgoingRequest ProviderKeys::get(http::Url url) const {
    return {.url = std::move(url),
            .fields = {{"Accept", "application/json"}},
            .ca_file = origin_.ca_file};
}

}  // namespace latchkey::api
