#pragma once

#include "api/endpoint.hpp"
#include "api/presence.hpp"

#include <latchkey/base/ids.hpp>
#include <latchkey/base/instant.hpp>
#include <latchkey/wire/api_error.hpp>

#include <boost/json/object.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>

/// Revocation by an operator. Bodies: `before` (a date; absent: now; of no use to an undo) and
/// `dry_run`, which says what would happen and changes nothing.
///
/// Other than the settings of the public API, which are put as they are told, a revocation made
/// here never takes one back: where a later one is in force, that one stays.
namespace latchkey::api {

inline constexpr std::size_t kRevokedUsersMax = 100;

enum class Revocation : std::uint8_t { Make, Undo };

/// `POST /admin/v1/apps/{key}/users/revoke` and `/unrevoke`: `user_ids`, 1 to `kRevokedUsersMax`,
/// all or none. `presence` outlives the work; null: nobody is connected.
[[nodiscard]] std::expected<StoreWork, wire::ApiError> revoke_users(ApiKey key, Revocation action,
                                                                    boost::json::object const& body,
                                                                    Instant now,
                                                                    Presence const* presence);

/// `POST /admin/v1/apps/{key}/revoke` and `/unrevoke`.
[[nodiscard]] std::expected<StoreWork, wire::ApiError> revoke_app(ApiKey key, Revocation action,
                                                                  boost::json::object const& body,
                                                                  Instant now,
                                                                  Presence const* presence);

}  // namespace latchkey::api
