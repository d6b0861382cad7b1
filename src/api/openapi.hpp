#pragma once

#include <string_view>

namespace latchkey::api {

/// The description of the public listener: openapi/openapi.json as it was when this was built. In
/// ASCII, so that it is a string of bytes to every compiler.
[[nodiscard]] std::string_view openapi_document() noexcept;

/// Names that text, quotes included (RFC 9110 section 8.8.3).
[[nodiscard]] std::string_view openapi_etag() noexcept;

}  // namespace latchkey::api
