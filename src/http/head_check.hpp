#pragma once

#include "http/message.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>

namespace latchkey::http {

enum class Version : std::uint8_t { Http10, Http11 };

/// The head of a request as a parser of HTTP/1 found it: names are tokens, values trimmed and
/// without control characters.
struct RequestHead {
    std::string_view method;
    std::string_view target;
    Version version = Version::Http11;
    std::span<Field const> fields;
    bool folded = false;  ///< a value went on in another line (RFC 9112 section 5.2)
};

/// What follows from a head that is in order.
struct HeadFacts {
    Method method = Method::Get;
    std::string_view path;   ///< of the target, without scheme and authority; not decoded
    std::string_view query;  ///< behind `?`
    bool keep_alive = true;
    bool expects_continue = false;    ///< and the body is to be read
    bool upgrades_websocket = false;  ///< asks for it; whether rightly, `check_upgrade` says
    bool has_body = false;            ///< chunked, or a Content-Length above 0
};

/// Why a request cannot be read. `why` is a fixed text, safe to show.
struct HeadError {
    int status = 400;
    std::string_view why;
};

/// Holds a head to RFC 9112 and to the limits of this server, as strictly as a peer on the path
/// might: where two readers could disagree about the end of a request (section 11.2), it is
/// refused.
[[nodiscard]] std::expected<HeadFacts, HeadError> check_head(RequestHead const& head);

/// The status for a request line that is no HTTP/1.x: 505 where it names another version of HTTP,
/// else 400. `line` has no line end.
[[nodiscard]] int refused_line_status(std::string_view line) noexcept;

}  // namespace latchkey::http
