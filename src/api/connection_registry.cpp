#include "api/connection_registry.hpp"

#include "api/app_view.hpp"
#include "domain/secrets.hpp"
#include "wire/app_settings.hpp"
#include "wire/event_json.hpp"

#include <boost/unordered/unordered_flat_set.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <utility>
#include <variant>

namespace latchkey::api {

Member::Member() = default;
Member::~Member() = default;

/// The first connection of each user; the others hang behind it. Keyed by the id that lies in the
/// connection itself, so that an entry costs a pointer.
struct ConnectionRegistry::ByUser {
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view user_id) const {
            return std::hash<std::string_view>{}(user_id);
        }
        std::size_t operator()(Member const* member) const {
            return (*this)(member->grant().user_id);
        }
    };
    struct Equal {
        using is_transparent = void;
        bool operator()(Member const* a, Member const* b) const {
            return a->grant().user_id == b->grant().user_id;
        }
        bool operator()(std::string_view user_id, Member const* member) const {
            return user_id == member->grant().user_id;
        }
        bool operator()(Member const* member, std::string_view user_id) const {
            return user_id == member->grant().user_id;
        }
    };
    boost::unordered_flat_set<Member*, Hash, Equal> first;

    void add(Member& member) {
        auto const found = first.find(member.grant().user_id);
        if (found == first.end()) {
            first.insert(&member);
            return;
        }
        member.next_of_user = (*found)->next_of_user;
        (*found)->next_of_user = &member;
    }
    void remove(Member& member) {
        auto const found = first.find(member.grant().user_id);
        if (found == first.end()) {
            return;
        }
        auto* const head = *found;
        auto* const next = std::exchange(member.next_of_user, nullptr);
        if (head == &member) {
            first.erase(found);
            if (next != nullptr) {
                first.insert(next);
            }
            return;
        }
        for (auto* at = head; at != nullptr; at = at->next_of_user) {
            if (at->next_of_user == &member) {
                at->next_of_user = next;
                return;
            }
        }
    }
};

struct ConnectionRegistry::AppMembers {
    /// Least recently decided first: a sweep takes from the front and puts to the back.
    boost::intrusive::list<Member,
                           boost::intrusive::member_hook<Member, AppHook, &Member::app_hook>>
        members;
    ByUser users;
    std::uint32_t version = 0;  ///< counts up with each change that concerns the whole App
    bool sweeping = false;

    domain::AppSnapshot app;               ///< as its connections know it
    Instant next_retirement{kInstantMax};  ///< when a secret of it retires
    std::uint32_t told_version = 0;        ///< the last version that is worth telling them of
    std::array<std::string, 2> told;       ///< that event, by style

    /// Whether a connection was last decided about before there was this to tell. Versions wrap.
    [[nodiscard]] bool is_untold(Member const& member) const {
        return static_cast<std::int32_t>(told_version - member.decided_at_version) > 0;
    }
};

namespace {

std::string reduced(domain::App const& app) {
    std::string text;
    wire::append_reduced_app(text, view_of(app));
    return text;
}

}  // namespace

ConnectionRegistry::ConnectionRegistry(domain::NodeState const& state, http::Loop& loop,
                                       std::size_t slot)
    : state_(state), loop_(loop), slot_(slot) {}

ConnectionRegistry::~ConnectionRegistry() = default;

ConnectionRegistry::AppMembers* ConnectionRegistry::find_app(AppId app) {
    auto const found = apps_.find(std::to_underlying(app));
    return found == apps_.end() ? nullptr : found->second.get();
}

void ConnectionRegistry::add(Member& member, Instant now,
                             std::chrono::steady_clock::time_point monotonic) {
    auto& app = apps_[std::to_underlying(member.grant().app_id)];
    if (!app) {
        app = std::make_unique<AppMembers>();
        auto const state = state_.read(slot_);
        if (auto const* known = state.find_app(member.grant().app_id)) {
            app->app = known->app;
            note_retirement(*app, now);
        }
    }
    member.decided_at_version = app->version;
    app->members.push_back(member);
    app->users.add(member);
    member.last_sent = monotonic;
    due_.push_back(member);
    if (member.expires_at < kInstantMax) {
        expiries_.insert(member);
    }
}

void ConnectionRegistry::remove(Member& member) {
    if (!member.due_hook.is_linked()) {
        return;
    }
    due_.erase(due_.iterator_to(member));
    if (member.expiry_hook.is_linked()) {
        expiries_.erase(expiries_.iterator_to(member));
    }
    if (auto* app = find_app(member.grant().app_id)) {
        app->users.remove(member);
        app->members.erase(app->members.iterator_to(member));
        if (app->members.empty() && !app->sweeping) {
            apps_.erase(std::to_underlying(member.grant().app_id));
        }
    }
}

void ConnectionRegistry::touch(Member& member, std::chrono::steady_clock::time_point now) {
    if (member.due_hook.is_linked()) {
        member.last_sent = now;
        due_.splice(due_.end(), due_, due_.iterator_to(member));
    }
}

void ConnectionRegistry::end(Member& member, domain::Refusal const& refusal) {
    remove(member);
    member.end(refusal);
}

void ConnectionRegistry::decide_user(domain::UserStandingChanged const& change, Instant now) {
    auto* const app = find_app(change.app_id);
    if (app == nullptr) {
        return;
    }
    auto const found = app->users.first.find(std::string_view(change.user_id));
    auto* member = found == app->users.first.end() ? nullptr : *found;
    while (member != nullptr) {
        auto* const next = member->next_of_user;
        if (auto const allowed = decide(change, *member, now); !allowed) {
            end(*member, allowed.error());
        }
        member = next;
    }
}

std::expected<void, domain::Refusal> ConnectionRegistry::decide(
    domain::UserStandingChanged const& change, Member const& member, Instant now) const {
    // What the change says counts even where the state has gone on: a user who was deleted for good
    // is unknown again by now, and the connection is still that of the one who was deleted.
    if (change.standing.deleted) {
        return std::unexpected(domain::Refusal{domain::AuthError::UserDeleted});
    }
    if (change.standing.deactivated) {
        return std::unexpected(domain::Refusal{domain::AuthError::UserDeactivated});
    }
    return domain::check_still_allowed(state_.read(slot_), member.grant(), now);
}

void ConnectionRegistry::on_app_changed(domain::AppSnapshot const& changed, Instant now) {
    auto* const app = find_app(changed->id);
    if (app == nullptr) {
        return;
    }
    auto const before = std::exchange(app->app, changed);
    note_retirement(*app, now);
    auto const visible = reduced(*changed);
    if (before && visible != reduced(*before)) {
        app->told_version = app->version + 1;  // the sweep's
        for (auto const style : {wire::Style::Legacy, wire::Style::V2}) {
            auto& event = app->told.at(static_cast<std::size_t>(style));
            event.clear();
            wire::append_app_updated(event, changed->updated_at, visible, style);
        }
    }
    start_sweep(changed->id, now);
}

void ConnectionRegistry::for_each_of(AppId app_id, std::string_view user_id,
                                     std::function<void(Member&)> const& visit) {
    auto* const app = find_app(app_id);
    if (app == nullptr) {
        return;
    }
    auto const found = app->users.first.find(user_id);
    for (auto* member = found == app->users.first.end() ? nullptr : *found; member != nullptr;
         member = member->next_of_user) {
        visit(*member);
    }
}

/// A date that is known in advance is like a token's expiry, but the App's connections share it.
void ConnectionRegistry::note_retirement(AppMembers& app, Instant now) {
    app.next_retirement = domain::next_retirement(*app.app, now).value_or(kInstantMax);
    next_retirement_ = std::min(next_retirement_, app.next_retirement);
}

void ConnectionRegistry::sweep_retired(Instant now) {
    if (now < next_retirement_) {
        return;
    }
    std::vector<AppId> due;
    next_retirement_ = kInstantMax;
    for (auto const& [id, app] : apps_) {
        if (app->next_retirement <= now) {
            due.push_back(AppId(id));
            note_retirement(*app, now);
        }
        next_retirement_ = std::min(next_retirement_, app->next_retirement);
    }
    for (auto const app : due) {
        start_sweep(app, now);
    }
}

void ConnectionRegistry::start_sweep(AppId app_id, Instant now) {
    auto* const app = find_app(app_id);
    if (app == nullptr) {
        return;
    }
    ++app->version;
    if (!app->sweeping) {  // else the running sweep sees the new version and goes round once more
        app->sweeping = true;
        sweep(app_id, now);
    }
}

void ConnectionRegistry::sweep(AppId app_id, Instant now) {
    auto* const app = find_app(app_id);
    if (app == nullptr) {
        return;
    }
    for (std::size_t done = 0; done < kSweepBatch; ++done) {
        if (app->members.empty() || app->members.front().decided_at_version == app->version) {
            app->sweeping = false;
            if (app->members.empty()) {
                apps_.erase(std::to_underlying(app_id));
            }
            return;
        }
        auto& member = app->members.front();
        if (auto const allowed =
                domain::check_still_allowed(state_.read(slot_), member.grant(), now);
            !allowed) {
            end(member, allowed.error());
        } else {
            if (app->is_untold(member)) {
                member.send_event(app->told.at(static_cast<std::size_t>(member.style())));
            }
            member.decided_at_version = app->version;
            app->members.splice(app->members.end(), app->members, app->members.begin());
        }
    }
    loop_.post([this, app_id, now] { sweep(app_id, now); });
}

void ConnectionRegistry::on_changes(std::vector<domain::Change> const& changes, Instant now) {
    for (auto const& change : changes) {
        if (auto const* user = std::get_if<domain::UserStandingChanged>(&change.what)) {
            decide_user(*user, now);
        } else if (auto const* app = std::get_if<domain::AppChanged>(&change.what)) {
            on_app_changed(app->app, now);
        } else if (auto const* removed = std::get_if<domain::AppRemoved>(&change.what)) {
            start_sweep(removed->app_id, now);
        }
    }
}

void ConnectionRegistry::on_tick(Instant now, std::chrono::steady_clock::time_point monotonic) {
    while (!expiries_.empty() && expiries_.begin()->expires_at <= now) {
        auto& member = *expiries_.begin();
        if (auto const allowed =
                domain::check_still_allowed(state_.read(slot_), member.grant(), now);
            !allowed) {
            end(member, allowed.error());
        } else {
            // Dates do not count while auth checks are off; the sweep when they come back does.
            expiries_.erase(expiries_.begin());
        }
    }
    sweep_retired(now);
    while (!due_.empty() && monotonic - due_.front().last_sent >= kKeepAliveEvery) {
        auto& member = due_.front();
        touch(member, monotonic);
        member.send_keep_alive();
    }
}

void ConnectionRegistry::end_all() {
    while (!due_.empty()) {
        auto& member = due_.front();
        remove(member);
        member.go_away();
    }
}

}  // namespace latchkey::api
