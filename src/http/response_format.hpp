#pragma once

#include "http/message.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace latchkey::http {

/// Whether the connection goes on behind an answer, and whether that has to be said: HTTP/1.1 goes
/// on unless told otherwise, HTTP/1.0 ends (RFC 9112 section 9.3).
enum class ConnectionField : std::uint8_t { None, Close, KeepAlive };

struct ResponseFrame {
    std::string_view date;  ///< for the Date field (RFC 9110 section 6.6.1)
    ConnectionField connection = ConnectionField::None;
    bool head_only = false;  ///< the answer to HEAD: the fields of a GET, no body
};

/// Appends a whole response. Its content is `application/json` unless its fields say otherwise.
void append_response(std::string& out, Response const& response, ResponseFrame const& frame);

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7). `seconds` since 1970, at most year
/// 9999.
[[nodiscard]] std::string format_http_date(std::int64_t seconds);

}  // namespace latchkey::http
