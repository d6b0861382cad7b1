#pragma once

#include "domain/authenticate.hpp"
#include "domain/users.hpp"

#include <latchkey/wire/api_error.hpp>

#include <string_view>

namespace latchkey::api {

/// What the caller of a refused request is told; total over all causes.
[[nodiscard]] wire::ApiError to_api_error(domain::Refusal const& refusal, std::string_view api_key);

[[nodiscard]] wire::ApiError to_api_error(domain::EditFailure const& failure);

/// 403/17: `User 'john' with role 'user' is not allowed to perform action UpdateApp`.
[[nodiscard]] wire::ApiError not_allowed(domain::CallerKind kind, std::string_view user_id,
                                         std::string_view role, std::string_view action);

/// 503/-1: the store cannot be asked now. Retryable, and never a 4xx: that would log users out.
[[nodiscard]] wire::ApiError store_unavailable();

}  // namespace latchkey::api
