#pragma once

#include "sdk/network.hpp"

#include <latchkey/sdk/error.hpp>
#include <latchkey/sdk/server_client.hpp>
#include <latchkey/sdk/users.hpp>

#include <span>
#include <string>
#include <vector>

/// Successful answers in the v2 style as values (protocol section 3). Pure. What has not the
/// described shape is a `BadAnswer`, whatever it is: it comes from outside.
namespace latchkey::sdk::answers {

/// Of upserts and patches: the users who were asked for, in that order.
[[nodiscard]] Result<std::vector<User>> read_changed_users(Response const& response,
                                                           std::span<std::string const> user_ids);
/// Of a query, in the server's order.
[[nodiscard]] Result<std::vector<User>> read_found_users(Response const& response);
[[nodiscard]] Result<User> read_one_user(Response const& response);
[[nodiscard]] Result<UserExport> read_export(Response const& response);
[[nodiscard]] Result<GuestAccess> read_guest(Response const& response);
[[nodiscard]] Result<std::string> read_task_id(Response const& response);
[[nodiscard]] Result<Task> read_task(Response const& response);
/// The text of the object `app`.
[[nodiscard]] Result<std::string> read_app(Response const& response);
[[nodiscard]] Result<Done> read_done(Response const& response);

}  // namespace latchkey::sdk::answers
