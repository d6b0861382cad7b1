#pragma once

#include "api/endpoint.hpp"
#include "http/message.hpp"

#include <latchkey/base/instant.hpp>
#include <latchkey/base/random_source.hpp>
#include <latchkey/wire/api_error.hpp>

#include <expected>
#include <string_view>

namespace latchkey::api {

/// The admin API (docs/reference/admin-api.md): what an operator may do, as work on the store. The
/// admin listener and the command line, which also works on a store without a server, share it.
///
/// `path` begins with `/admin/v1/`. `random` and `presence` outlive the work; without `presence`
/// nobody is connected. Answers never hold a secret, but for the one of an App just made.
[[nodiscard]] std::expected<StoreWork, wire::ApiError> admin_work(
    http::Method method, std::string_view path, std::string_view body, Instant now,
    RandomSource& random, Presence const* presence = nullptr);

}  // namespace latchkey::api
