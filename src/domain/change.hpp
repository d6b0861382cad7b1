#pragma once

#include "domain/app.hpp"
#include "domain/user.hpp"

#include <latchkey/base/ids.hpp>

#include <cstdint>
#include <string>
#include <variant>

namespace latchkey::domain {

/// Number of a change in the store's log: counts up by one in commit order, over all Apps; the
/// first is 1. 0: nothing has happened yet.
using Sequence = std::uint64_t;

/// An App as it is from here on; new, or with other settings or secrets.
struct AppChanged {
    AppSnapshot app;
};

/// An App that is no more, and its users with it.
struct AppRemoved {
    AppId app_id;
};

/// How a user stands from here on. Users whose standing was and stays ordinary are not in the log.
struct UserStandingChanged {
    AppId app_id;
    std::string user_id;
    UserStanding standing;
};

/// One entry of the log that node state follows.
struct Change {
    Sequence sequence;
    std::variant<AppChanged, AppRemoved, UserStandingChanged> what;
};

}  // namespace latchkey::domain
