#include "api/token_provider/provider_keys.hpp"

#include <utility>

namespace latchkey::api {

using Advice = oidc::KeyCache::Advice;
using Outcome = std::expected<OutgoingResponse, OutgoingFailure>;

namespace {

ProviderKeys::Discovery read_discovery(Outcome const& outcome, std::string_view issuer) {
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

/// Whether a key that is not here yet may have signed what none of `keys` did: the token names
/// none, or one that is not here, or that is here for another algorithm. A token that names a key
/// that is here is of that key or of nobody.
bool may_be_newer(oidc::SignedToken const& token, oidc::JwkSet const& keys,
                  oidc::ProofError error) {
    return !token.key_id() || !keys.knows(*token.key_id()) || error == oidc::ProofError::KeyUnknown;
}

}  // namespace

/// One token on its way. It belongs to one thread at a time.
struct ProviderKeys::Question {
    oidc::SignedToken token;
    Judged judged;
    Keys before;  ///< that were here when it was asked; null: none
};

ProviderKeys::ProviderKeys(Origin origin, OutgoingHttp& http, Clock const& clock, EventLog& log)
    : origin_(std::move(origin)), http_(http), clock_(clock), log_(log) {}

void ProviderKeys::verify(oidc::SignedToken token, Judged judged) {
    std::unique_lock lock(mutex_);
    auto const now = clock_.monotonic();
    auto question = std::make_shared<Question>(Question{
        .token = std::move(token), .judged = std::move(judged), .before = cache_.current(now)});
    auto answer = cache_.ask(question->token.key_id(), now);
    // It does not own this object, which keeps it while it waits: nobody would end the circle where
    // the server stops before the keys have come.
    follow(std::move(lock), std::move(answer),
           [this, question](Keys const& keys) { try_keys(question, keys); });
}

void ProviderKeys::try_keys(std::shared_ptr<Question> question, Keys const& keys) {
    if (!keys) {
        question->judged(std::nullopt);
        return;
    }
    auto payload = question->token.verify(*keys);
    bool const came_since = keys != question->before;
    if (payload || came_since || !may_be_newer(question->token, *keys, payload.error())) {
        question->judged(std::move(payload));
        return;
    }
    std::unique_lock lock(mutex_);
    auto answer = cache_.ask_newer(keys, clock_.monotonic());
    follow(std::move(lock), std::move(answer), [question](Keys const& newer) {
        question->judged(newer ? Verdict(question->token.verify(*newer)) : std::nullopt);
    });
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
    discover([self = shared_from_this()](Discovery const& discovery) {
        if (discovery) {
            self->fetch_keys(discovery->jwks);
        } else {
            self->fail("discovery", discovery.error());
        }
    });
}

void ProviderKeys::discover(Discovered discovered) {
    std::unique_lock lock(mutex_);
    if (discovery_ && clock_.monotonic() < discovered_at_ + kDiscoveryFresh) {
        auto known = *discovery_;
        lock.unlock();
        discovered(std::move(known));
        return;
    }
    lock.unlock();
    auto const issuer = oidc::parse_issuer(origin_.issuer);
    http_.send(get(oidc::discovery_url(*issuer)), kFetchDeadline,
               [self = shared_from_this(),
                discovered = std::move(discovered)](Outcome const& outcome) mutable {
                   self->on_discovery(outcome, std::move(discovered));
               });
}

void ProviderKeys::on_discovery(Outcome const& outcome, Discovered discovered) {
    auto discovery = read_discovery(outcome, origin_.issuer);
    if (discovery) {
        std::scoped_lock const lock(mutex_);
        discovery_ = *discovery;
        discovered_at_ = clock_.monotonic();
    }
    discovered(std::move(discovery));
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
    discovery_.reset();  // they may have moved
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
