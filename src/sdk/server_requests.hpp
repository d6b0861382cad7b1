#pragma once

#include "sdk/api_call.hpp"

#include <latchkey/base/instant.hpp>
#include <latchkey/sdk/error.hpp>
#include <latchkey/sdk/server_client.hpp>
#include <latchkey/sdk/users.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>

/// What a backend asks, as calls of the API in the v2 style (protocol sections 3 and 9). Pure. Each
/// fails with `InvalidArgument` where a server could only refuse; no text of the caller's is
/// repeated in it.
namespace latchkey::sdk::requests {

using Formatted = Result<ApiCall>;

[[nodiscard]] Formatted upsert_users(std::span<UserRequest const> users);
[[nodiscard]] Formatted update_users_partial(std::span<UserPatch const> patches);
[[nodiscard]] Formatted query_users(UserQuery const& query);
/// `before` empty: an explicit null.
[[nodiscard]] Formatted revoke_users_token(std::span<std::string const> user_ids,
                                           std::optional<Instant> before);

[[nodiscard]] Formatted deactivate_user(std::string_view user_id);
[[nodiscard]] Formatted reactivate_user(std::string_view user_id);
[[nodiscard]] Formatted deactivate_users(std::span<std::string const> user_ids);
[[nodiscard]] Formatted reactivate_users(std::span<std::string const> user_ids);
[[nodiscard]] Formatted delete_users(std::span<std::string const> user_ids, Deletion deletion);
[[nodiscard]] Formatted restore_users(std::span<std::string const> user_ids);
[[nodiscard]] Formatted export_user(std::string_view user_id);
[[nodiscard]] Formatted create_guest(UserRequest const& user);
[[nodiscard]] Formatted get_task(std::string_view task_id);

[[nodiscard]] Formatted revoke_tokens(std::optional<Instant> before);
[[nodiscard]] Formatted get_app();
[[nodiscard]] Formatted update_app(std::string_view settings_json);

}  // namespace latchkey::sdk::requests
