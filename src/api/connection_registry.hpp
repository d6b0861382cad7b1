#pragma once

#include "api/watches.hpp"
#include "domain/authenticate.hpp"
#include "domain/change.hpp"
#include "http/service.hpp"
#include "wire/style.hpp"

#include <latchkey/base/ids.hpp>
#include <latchkey/base/instant.hpp>

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::api {

using AppHook = boost::intrusive::list_member_hook<>;
using DueHook = boost::intrusive::list_member_hook<>;
using ExpiryHook = boost::intrusive::set_member_hook<boost::intrusive::optimize_size<true>>;

/// What is shown of a connection beside what it was let in with.
struct ConnectionFacts {
    std::string client;   ///< as it named itself; empty: it did not
    std::string address;  ///< empty: not known
};

/// An open connection as the registry sees it: who is behind it, and its places in the indexes.
class Member {
public:
    Member();
    virtual ~Member();
    Member(Member const&) = delete;
    Member& operator=(Member const&) = delete;

    /// What it was let in with; the view lives as long as the member.
    [[nodiscard]] virtual domain::Grant grant() const = 0;

    /// The loop that holds it.
    [[nodiscard]] virtual std::size_t slot() const = 0;
    [[nodiscard]] virtual wire::Style style() const = 0;
    [[nodiscard]] virtual ConnectionFacts facts() const = 0;

    /// Passes on an event, in its style. Never ends the member before it returns.
    virtual void send_event(std::string_view event) = 0;

    /// It is no longer allowed: says so and ends. The member has left the registry before.
    virtual void end(domain::Refusal const& refusal) = 0;

    /// Sends the unasked sign of life.
    virtual void send_keep_alive() = 0;

    /// The server stops.
    virtual void go_away() = 0;

    /// Whom it watches: for `Watches` alone.
    std::unique_ptr<MemberWatches> watches;

    // Below: the registry's own; empty while the member is not in it.
    AppHook app_hook;
    DueHook due_hook;
    ExpiryHook expiry_hook;
    Member* next_of_user = nullptr;
    Instant expires_at{kInstantMax};  ///< `kInstantMax`: never; not in the index of expiries
    std::chrono::steady_clock::time_point last_sent;
    std::uint32_t decided_at_version = 0;

    std::uint32_t opened_at_s = 0;  ///< whole seconds since 1970, which do until 2106
};

/// The open connections of one loop, by App, by user, by when they want a sign of life, and by when
/// their token expires. Belongs to its loop.
///
/// A connect is closed against changes so: the connection is added, decided again, and only then
/// greeted. A change reaches node state first and is posted to the loop after; so either the
/// decision saw it, or the change finds the connection here.
class ConnectionRegistry {
public:
    /// How often a silent connection is sent a sign of life: some SDKs call it dead after 30 s.
    static constexpr std::chrono::seconds kKeepAliveEvery{20};
    /// How many are decided again in one go before the loop serves others.
    static constexpr std::size_t kSweepBatch = 512;

    /// `state` and `loop` outlive this object; `slot` is the loop's in `state`.
    ConnectionRegistry(domain::NodeState const& state, http::Loop& loop, std::size_t slot);
    ~ConnectionRegistry();

    void add(Member& member, Instant now, std::chrono::steady_clock::time_point monotonic);
    /// Takes it out; nothing happens where it is not in.
    void remove(Member& member);
    /// It was sent something just now, which is as good as a sign of life.
    void touch(Member& member, std::chrono::steady_clock::time_point now);

    /// Decides again about whom `changes` may concern, and tells those who stay what clients can
    /// see of a change of their App: the latest of it, where changes overtake the sweep.
    void on_changes(std::vector<domain::Change> const& changes, Instant now);

    /// Calls `visit` with each connection of a user; none of them ends in it.
    void for_each_of(AppId app, std::string_view user_id,
                     std::function<void(Member&)> const& visit);

    /// Ends what has expired, and what rests on a secret whose date has come; sends what is due.
    void on_tick(Instant now, std::chrono::steady_clock::time_point monotonic);

    void end_all();
    [[nodiscard]] std::size_t size() const { return due_.size(); }

private:
    struct ByUser;
    struct AppMembers;
    struct EarlierExpiry {
        bool operator()(Member const& a, Member const& b) const {
            return a.expires_at < b.expires_at;
        }
    };

    AppMembers* find_app(AppId app);
    void decide_user(domain::UserStandingChanged const& change, Instant now);
    [[nodiscard]] std::expected<void, domain::Refusal> decide(
        domain::UserStandingChanged const& change, Member const& member, Instant now) const;
    void on_app_changed(domain::AppSnapshot const& app, Instant now);
    void start_sweep(AppId app, Instant now);
    void sweep(AppId app, Instant now);
    void note_retirement(AppMembers& app, Instant now);
    void sweep_retired(Instant now);
    void end(Member& member, domain::Refusal const& refusal);

    domain::NodeState const& state_;
    http::Loop& loop_;
    std::size_t slot_;
    Instant next_retirement_{kInstantMax};  ///< no App's is earlier
    boost::unordered_flat_map<std::int64_t, std::unique_ptr<AppMembers>> apps_;
    boost::intrusive::list<Member,
                           boost::intrusive::member_hook<Member, DueHook, &Member::due_hook>>
        due_;  ///< least recently sent first
    boost::intrusive::multiset<
        Member, boost::intrusive::member_hook<Member, ExpiryHook, &Member::expiry_hook>,
        boost::intrusive::compare<EarlierExpiry>>
        expiries_;
};

}  // namespace latchkey::api
