#pragma once

#include "api/outgoing_http.hpp"
#include "oidc/discovery.hpp"
#include "oidc/jws.hpp"
#include "oidc/key_cache.hpp"

#include <latchkey/base/clock.hpp>
#include <latchkey/base/event_log.hpp>

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::api {

/// What one identity provider publishes, for all loops: its document, and its keys, fetched when
/// `oidc::KeyCache` advises it. Thread-safe.
class ProviderKeys : public std::enable_shared_from_this<ProviderKeys> {
public:
    /// The payload of a token whose signature is good, or why it is not. Empty: there are no keys
    /// to be had now.
    using Verdict = std::optional<std::expected<std::string, oidc::ProofError>>;
    using Judged = std::move_only_function<void(Verdict)>;
    /// The document, or why there is none.
    using Discovery = std::expected<oidc::Discovery, std::string_view>;
    using Discovered = std::move_only_function<void(Discovery)>;

    static constexpr std::chrono::milliseconds kFetchDeadline{5000};  ///< each of two requests
    static constexpr std::size_t kWaitingMax = 1024;  ///< tokens that wait for keys; more: null
    static constexpr std::chrono::seconds kDiscoveryFresh{3600};

    struct Origin {
        std::string provider;  ///< for the log
        std::string issuer;    ///< `oidc::parse_issuer` takes it
        std::string ca_file{};
    };
    /// All outlive this object.
    ProviderKeys(Origin origin, OutgoingHttp& http, Clock const& clock, EventLog& log);

    /// Checks a token's signature, by newer keys too where the one that made it may have come since
    /// the last fetch. `judged` is called once: inside this call where the keys are here, else on
    /// the network's thread.
    void verify(oidc::SignedToken token, Judged judged);

    /// The provider's document, for as long as `kDiscoveryFresh`. `discovered` is called once:
    /// inside this call where it is here, else on the network's thread.
    void discover(Discovered discovered);

private:
    using Keys = oidc::KeyCache::Keys;
    /// Null: there are none to be had now.
    using Found = std::move_only_function<void(Keys)>;
    struct Question;

    void try_keys(std::shared_ptr<Question> question, Keys const& keys);
    void follow(std::unique_lock<std::mutex> lock, oidc::KeyCache::Answer answer, Found found);
    void fetch();
    void fetch_keys(http::Url const& url);
    void on_discovery(std::expected<OutgoingResponse, OutgoingFailure> const& outcome,
                      Discovered discovered);
    void on_keys(std::expected<OutgoingResponse, OutgoingFailure> const& outcome);
    void fail(std::string_view step, std::string_view why);
    /// Tells all who wait.
    void settle(std::unique_lock<std::mutex> lock);
    [[nodiscard]] OutgoingRequest get(http::Url url) const;

    Origin origin_;
    OutgoingHttp& http_;
    Clock const& clock_;
    EventLog& log_;

    std::mutex mutex_;
    oidc::KeyCache cache_;
    std::vector<Found> waiting_;
    std::optional<oidc::Discovery> discovery_;
    oidc::KeyCache::TimePoint discovered_at_{};
};

}  // namespace latchkey::api
