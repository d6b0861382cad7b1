#pragma once

#include "http/message.hpp"

#include <string_view>

namespace latchkey::api {

/// The description of the public listener: openapi/openapi.json as it was when this was built. In
/// ASCII, so that it is a string of bytes to every compiler.
[[nodiscard]] std::string_view openapi_document() noexcept;

/// Names that text, quotes included (RFC 9110 section 8.8.3).
[[nodiscard]] std::string_view openapi_etag() noexcept;

/// The same of the admin API: openapi/admin.json.
[[nodiscard]] std::string_view admin_openapi_document() noexcept;
[[nodiscard]] std::string_view admin_openapi_etag() noexcept;

/// Fills in one of them, or 304 where the caller has it already.
void fill_with_openapi(http::Request const& request, std::string_view document,
                       std::string_view etag, http::Response& response);

}  // namespace latchkey::api
