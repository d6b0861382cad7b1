#include "api/sign_in_throttle.hpp"

#include "api/peer_address.hpp"
#include "http/ascii.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace latchkey::api {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

/// Ends the name in a key of a pair: no name has it.
constexpr char kNameEnd = '\n';

/// Accounts have the same name in whatever case.
std::string lower(std::string_view name) {
    std::string text(name);
    std::ranges::transform(text, text.begin(), http::to_lower);
    return text;
}

/// Behind the `failures`-th failure; zero where it was a free one.
seconds wait_behind(unsigned failures, FailureTable::Rule rule) {
    if (failures < rule.free_tries) {
        return seconds(0);
    }
    constexpr unsigned kDoublingsMax = 30;
    auto const doublings = std::min(failures - rule.free_tries, kDoublingsMax);
    return std::min(rule.wait_max, seconds(std::int64_t{1} << doublings));
}

}  // namespace

nanoseconds FailureTable::wait_of(std::string const& key, TimePoint now) const {
    auto const found = by_key_.find(key);
    return found == by_key_.end() ? nanoseconds(0)
                                  : std::max(nanoseconds(0), found->second->blocked_until - now);
}

void FailureTable::count(std::string const& key, TimePoint now) {
    while (!entries_.empty() && now - entries_.back().last >= kForgottenAfter) {
        erase(std::prev(entries_.end()));
    }
    auto found = by_key_.find(key);
    if (found == by_key_.end()) {
        if (entries_.size() >= kKeysMax) {
            erase(std::prev(entries_.end()));
        }
        entries_.push_front({.key = key});
        found = by_key_.emplace(key, entries_.begin()).first;
    }
    auto& entry = *found->second;
    entries_.splice(entries_.begin(), entries_, found->second);
    ++entry.failures;
    entry.last = now;
    entry.blocked_until = now + wait_behind(entry.failures, rule_);
}

void FailureTable::take_back(std::string const& key) {
    auto const found = by_key_.find(key);
    if (found == by_key_.end()) {
        return;  // forgotten since
    }
    auto& entry = *found->second;
    if (--entry.failures == 0) {
        erase(found->second);
    } else {
        // It had got through, so there was nothing to wait for when it was counted.
        entry.blocked_until = entry.last;
    }
}

void FailureTable::forget(std::string const& key) {
    if (auto const found = by_key_.find(key); found != by_key_.end()) {
        erase(found->second);
    }
}

void FailureTable::forget_starting_with(std::string_view start) {
    for (auto entry = entries_.begin(); entry != entries_.end();) {
        auto const next = std::next(entry);
        if (entry->key.starts_with(start)) {
            erase(entry);
        }
        entry = next;
    }
}

void FailureTable::erase(Entries::iterator entry) {
    by_key_.erase(entry->key);
    entries_.erase(entry);
}

SignInThrottle::Keys SignInThrottle::keys_of(std::string_view name, std::string_view address) {
    Keys keys{.account = lower(name), .address = network_of(address), .pair = {}};
    keys.pair = keys.account + kNameEnd + keys.address;
    return keys;
}

bool SignInThrottle::is_known(std::string const& pair) const {
    return std::ranges::find(known_, pair) != known_.end();
}

std::optional<seconds> SignInThrottle::begin(std::string_view name, std::string_view address,
                                             TimePoint now) {
    auto const keys = keys_of(name, address);
    bool const known = is_known(keys.pair);
    auto wait = pairs_.wait_of(keys.pair, now);
    if (!known) {
        wait = std::max(
            {wait, addresses_.wait_of(keys.address, now), accounts_.wait_of(keys.account, now)});
    }
    if (wait > nanoseconds(0)) {
        return std::chrono::ceil<seconds>(wait);
    }
    pairs_.count(keys.pair, now);
    if (!known) {
        addresses_.count(keys.address, now);
        accounts_.count(keys.account, now);
    }
    return std::nullopt;
}

void SignInThrottle::succeed(std::string_view name, std::string_view address) {
    withdraw(name, address);
    auto const keys = keys_of(name, address);
    pairs_.forget(keys.pair);
    known_.remove(keys.pair);
    known_.push_front(keys.pair);
    if (known_.size() > kKnownMax) {
        known_.pop_back();
    }
}

void SignInThrottle::withdraw(std::string_view name, std::string_view address) {
    auto const keys = keys_of(name, address);
    pairs_.take_back(keys.pair);
    if (!is_known(keys.pair)) {
        addresses_.take_back(keys.address);
        accounts_.take_back(keys.account);
    }
}

void SignInThrottle::forget(std::string_view name) {
    auto const account = lower(name);
    auto const start = account + kNameEnd;
    accounts_.forget(account);
    pairs_.forget_starting_with(start);
    known_.remove_if([&start](std::string const& pair) { return pair.starts_with(start); });
}

}  // namespace latchkey::api
