#include "api/watches.hpp"

#include "api/connection_registry.hpp"

#include <iterator>
#include <memory>
#include <string>

namespace latchkey::api {

/// Those who watch one user, and the user: the key of its own entry.
struct WatchedUser {
    using Watchers = boost::intrusive::list<
        Watch, boost::intrusive::member_hook<Watch, boost::intrusive::list_member_hook<>,
                                             &Watch::of_user>>;
    UserKey const* key = nullptr;
    Watchers watchers;
};

Watches::Watches(Presence& presence) : presence_(presence) {}
Watches::~Watches() = default;

void Watches::add(Member& member, AppId app, std::string_view user_id) {
    auto found = users_.find(UserKeyView{app, user_id});
    if (found == users_.end()) {
        found = users_.try_emplace(UserKey{app, std::string(user_id)}).first;
        found->second.key = &found->first;
    }
    auto& user = found->second;
    if (!member.watches) {
        member.watches = std::make_unique<MemberWatches>();
    }
    auto& watches = *member.watches;
    auto const [entry, added] = watches.by_user.try_emplace(&user);
    auto& watch = entry->second;
    if (!added) {
        presence_.unwatch(app, user_id);  // it was counted for this watch before
        watches.oldest_first.splice(watches.oldest_first.end(), watches.oldest_first,
                                    watches.oldest_first.iterator_to(watch));
        return;
    }
    watch.user = &user;
    watch.member = &member;
    user.watchers.push_back(watch);
    watches.oldest_first.push_back(watch);
    if (watches.oldest_first.size() > kUsersPerConnectionMax) {
        remove(watches.oldest_first.front());
    }
}

void Watches::remove(Watch& watch) {
    auto& user = *watch.user;
    auto& watches = *watch.member->watches;
    auto const at = user.watchers.iterator_to(watch);
    auto const after = user.watchers.erase(at);
    if (walk_ == &watch) {
        walk_ = after == user.watchers.end() ? nullptr : &*after;
    }
    watches.oldest_first.erase(watches.oldest_first.iterator_to(watch));
    presence_.unwatch(user.key->app, user.key->user_id);
    watches.by_user.erase(&user);
    if (user.watchers.empty()) {
        users_.erase(users_.find(*user.key));
    }
}

void Watches::remove_all(Member& member) {
    if (!member.watches) {
        return;
    }
    while (!member.watches->oldest_first.empty()) {
        remove(member.watches->oldest_first.front());
    }
    member.watches.reset();
}

void Watches::start_walk(AppId app, std::string_view user_id) {
    auto const found = users_.find(UserKeyView{app, user_id});
    walk_ = found == users_.end() ? nullptr : &found->second.watchers.front();
}

Member* Watches::next() {
    if (walk_ == nullptr) {
        return nullptr;
    }
    auto* const member = walk_->member;
    auto& watchers = walk_->user->watchers;
    auto const after = std::next(watchers.iterator_to(*walk_));
    walk_ = after == watchers.end() ? nullptr : &*after;
    return member;
}

}  // namespace latchkey::api
