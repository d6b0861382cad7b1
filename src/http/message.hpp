#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace latchkey::http {

/// RFC 9110 section 9. `Other` is a token that is a method, but none that is served here.
enum class Method : std::uint8_t { Get, Head, Post, Put, Patch, Delete, Options, Other };

struct Field {
    std::string_view name;
    std::string_view value;
};

/// A request as a value: its head checked, its body complete. Views into the connection's buffers,
/// which live until it is answered.
struct Request {
    Method method = Method::Get;
    std::string_view target{};  ///< as it came: never log it, tokens travel in it
    std::string_view path{};    ///< of the target, before `?`; not decoded
    std::string_view query{};   ///< behind `?`; not decoded
    std::span<Field const> fields{};
    std::string_view body{};
    std::string_view peer_address{};  ///< of the socket, without the port

    /// The value of the first field of that name (ASCII case ignored); empty where there is none.
    [[nodiscard]] std::string_view field(std::string_view name) const noexcept;
};

/// An answer as a value. Made once for each connection and used again, so that its texts keep their
/// memory.
struct Response {
    int status = 200;
    std::string fields;  ///< further header lines, complete with CRLF; put in with `add_field`
    std::string body;
    bool close = false;  ///< end the connection behind it

    /// Throws `std::invalid_argument` where `name` is not a token or `value` has a control
    /// character: that is a bug, and would split the response.
    void add_field(std::string_view name, std::string_view value);
    void clear();
};

/// The reason phrase of RFC 9110 section 15.
[[nodiscard]] std::string_view reason_phrase(int status) noexcept;

}  // namespace latchkey::http
