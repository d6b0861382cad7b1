#pragma once

#include "api/outgoing_http.hpp"
#include "oidc/discovery.hpp"
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

/// The document that a provider of `issuer` answered with, or why there is none.
[[nodiscard]] std::expected<oidc::Discovery, std::string_view> read_discovery(
    std::expected<OutgoingResponse, OutgoingFailure> const& outcome, std::string_view issuer);

/// The keys of one identity provider, for all loops: what `oidc::KeyCache` advises, done over the
/// network. Thread-safe.
class ProviderKeys : public std::enable_shared_from_this<ProviderKeys> {
public:
    using Keys = oidc::KeyCache::Keys;
    /// Null: there are none to be had now.
    using Found = std::move_only_function<void(Keys)>;

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

    /// Keys for a token that names `key_id`, or none. `found` is called once: inside this call
    /// where the keys are here, else on the network's thread.
    void find(std::optional<std::string_view> key_id, Found found);
    /// The same where none of `tried` made the signature: newer ones, where that may help.
    void find_newer(Keys const& tried, Found found);

private:
    void follow(std::unique_lock<std::mutex> lock, oidc::KeyCache::Answer answer, Found found);
    void fetch();
    void fetch_keys(http::Url const& url);
    void on_discovery(std::expected<OutgoingResponse, OutgoingFailure> const& outcome);
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
    std::optional<http::Url> keys_url_;  ///< as discovered
    oidc::KeyCache::TimePoint discovered_at_{};
};

}  // namespace latchkey::api
