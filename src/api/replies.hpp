#pragma once

#include "api/endpoint.hpp"
#include "api/node.hpp"
#include "http/service.hpp"

#include <latchkey/wire/api_error.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string_view>

namespace latchkey::api {

/// Header lines of every answer of the admin API: it is for one operator, and is what it says it
/// is.
inline constexpr std::string_view kAdminAnswerFields =
    "Cache-Control: no-store\r\n"
    "X-Content-Type-Options: nosniff\r\n";

/// Gives `result` its form in `response`: the JSON object with `duration`, or the error's body.
void fill_response(http::Response& response, std::string_view operation_id, Result const& result,
                   std::chrono::nanoseconds duration);

/// Runs `work` on the store, publishes its events behind the commit, and then, back on the loop,
/// calls `finish` with its result, whose response completes `answer`. Where too much is waiting the
/// result is 503 at once.
void answer_from_store(Node const& node, http::Loop& loop,
                       std::unique_ptr<http::DeferredAnswer> answer, StoreWork work,
                       std::move_only_function<http::Response(Result const&)> finish);

/// What a request is told that could not be read: the code that fits the status.
[[nodiscard]] wire::ApiError unreadable_request(int status, std::string_view why);

[[nodiscard]] wire::ApiError nothing_here();

}  // namespace latchkey::api
