#pragma once

#include <latchkey/sdk/error.hpp>
#include <latchkey/sdk/users.hpp>

#include <boost/json/object.hpp>

#include <expected>
#include <optional>
#include <string>

namespace latchkey::sdk {

/// Whether the server may be told: `role` and `teams` are a backend's to give.
enum class UserFields { OfADevice, OfABackend };

/// The JSON object of a `UserRequest` in the v2 style (protocol section 3.5). `InvalidArgument`
/// where the id is none, or `custom_json` is not the text of one JSON object.
[[nodiscard]] std::expected<std::string, Error> format_user_request(UserRequest const& user,
                                                                    UserFields fields);

/// A user of an answer or an event in the v2 style. Lenient where nothing hangs on it: what is
/// missing, null or of another type stays as in a fresh `User`; without an id there is no user.
[[nodiscard]] std::optional<User> read_user(boost::json::object const& object);

}  // namespace latchkey::sdk
