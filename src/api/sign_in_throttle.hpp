#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace latchkey::api {

/// Failed tries of one kind, by key: after some free ones each makes the next wait twice as long.
/// Knows a limited number of keys: beyond, it forgets the one that failed longest ago.
class FailureTable {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    struct Rule {
        unsigned free_tries;            ///< this one is followed by the first wait, of a second
        std::chrono::seconds wait_max;  ///< to which the waits grow
    };
    static constexpr std::size_t kKeysMax = 10'000;
    /// A key is forgotten so long after its last failure.
    static constexpr std::chrono::hours kForgottenAfter{24};

    explicit FailureTable(Rule rule) : rule_(rule) {}

    /// How long to wait yet; zero: not at all.
    [[nodiscard]] std::chrono::nanoseconds wait_of(std::string const& key, TimePoint now) const;
    void count(std::string const& key, TimePoint now);
    /// One of those counted was no failure.
    void take_back(std::string const& key);
    void forget(std::string const& key);
    void forget_starting_with(std::string_view start);

    [[nodiscard]] std::size_t size() const { return by_key_.size(); }

private:
    struct Entry {
        std::string key;
        unsigned failures = 0;
        TimePoint last{};
        TimePoint blocked_until{};
    };
    using Entries = std::list<Entry>;  ///< the one that failed last in front

    void erase(Entries::iterator entry);

    Rule rule_;
    Entries entries_;
    std::unordered_map<std::string, Entries::iterator> by_key_;
};

/// How often somebody may try to sign in. Failures are counted for each account name and address
/// together, for each address, and, more patiently, for each name: from one address nobody gets
/// far, from many addresses nobody gets far with one account, and who keeps failing from elsewhere
/// does not lock its owner out: where an account has signed in before, only what happens at that
/// address under that name counts. Belongs to the admin listener's loop.
///
/// Names need not be anybody's; an empty one stands for the set-up code.
class SignInThrottle {
public:
    using TimePoint = FailureTable::TimePoint;

    static constexpr FailureTable::Rule kPair{.free_tries = 5,
                                              .wait_max = std::chrono::minutes(15)};
    static constexpr FailureTable::Rule kAddress{.free_tries = 20,
                                                 .wait_max = std::chrono::minutes(15)};
    static constexpr FailureTable::Rule kAccount{.free_tries = 50,
                                                 .wait_max = std::chrono::minutes(1)};
    /// Pairs of a name and an address that have signed in before; one more, and the one that did so
    /// longest ago is forgotten.
    static constexpr std::size_t kKnownMax = 1'024;

    /// How long to wait before a try is let through; empty: this one is. It counts as failed until
    /// one of the next two says otherwise, so that many at once are no way around the limits.
    /// Whoever is told to wait is not counted.
    [[nodiscard]] std::optional<std::chrono::seconds> begin(std::string_view name,
                                                            std::string_view address,
                                                            TimePoint now);
    void succeed(std::string_view name, std::string_view address);
    /// It came to no decision.
    void withdraw(std::string_view name, std::string_view address);

    /// Its password is a new one: what was tried before no longer matters.
    void forget(std::string_view name);

private:
    struct Keys {
        std::string account;
        std::string address;
        std::string pair;
    };
    [[nodiscard]] static Keys keys_of(std::string_view name, std::string_view address);
    [[nodiscard]] bool is_known(std::string const& pair) const;

    FailureTable pairs_{kPair};
    FailureTable addresses_{kAddress};
    FailureTable accounts_{kAccount};
    std::list<std::string> known_;  ///< pairs, the one that signed in last in front
};

}  // namespace latchkey::api
