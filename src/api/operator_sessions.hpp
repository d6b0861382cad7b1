#pragma once

#include "domain/account.hpp"

#include <latchkey/base/random_source.hpp>
#include <latchkey/token/hmac_key.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace latchkey::api {

/// How an account showed who it is.
enum class SignInBy : std::uint8_t { Password, Oidc };

/// Who is signed in to the dashboard. Belongs to the admin listener's loop, and ends with the
/// process: whoever was signed in signs in again (decision 0014).
///
/// A session is known by 256 random bits, which are made here at each sign-in: an id that a browser
/// brings is looked for and never taken on. Only a keyed hash of an id is kept.
class OperatorSessions {
public:
    static constexpr std::chrono::minutes kIdleMax{30};
    static constexpr std::chrono::hours kAgeMax{12};
    static constexpr std::size_t kPerAccountMax = 16;   ///< one more ends its longest unused
    static constexpr std::size_t kSessionsMax = 1'024;  ///< likewise

    using TimePoint = std::chrono::steady_clock::time_point;

    struct Session {
        std::uint64_t number;  ///< names it in this process; no secret
        std::int64_t account_id;
        std::string name;
        domain::OperatorRole role;
        SignInBy by;
        TimePoint signed_in_at;
        TimePoint used_at;
    };

    explicit OperatorSessions(RandomSource& random);

    /// Opens one for an account that has shown who it is, whichever way; returns its id, the only
    /// copy there is. Earlier sessions go on, up to the limits.
    [[nodiscard]] std::string open(domain::Account const& account, SignInBy by, TimePoint now);

    /// Null where there is none with this id, or its time is over. Valid until the next change.
    [[nodiscard]] Session const* find(std::string_view id, TimePoint now) const;

    /// By number, for what lasts longer than a call.
    [[nodiscard]] Session const* find(std::uint64_t number, TimePoint now) const;

    /// It was used: `kIdleMax` counts from now.
    void touch(std::uint64_t number, TimePoint now);

    void end(std::uint64_t number);
    /// All of an account, but for the one named `except`; 0 names none.
    void end_all_of(std::int64_t account_id, std::uint64_t except = 0);
    /// Forgets those whose time is over.
    void sweep(TimePoint now);

    [[nodiscard]] std::size_t size() const { return sessions_.size(); }

private:
    struct HashOfMac {
        std::size_t operator()(token::HmacKey::Mac const& mac) const noexcept;
    };
    using Sessions = std::unordered_map<token::HmacKey::Mac, Session, HashOfMac>;

    void make_room(std::int64_t account_id);
    void end_longest_unused(std::int64_t const* account_id);

    RandomSource& random_;
    token::HmacKey key_;  ///< of this process: what is kept opens nothing
    std::uint64_t last_number_ = 0;
    Sessions sessions_;
};

}  // namespace latchkey::api
