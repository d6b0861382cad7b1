#pragma once

#include "http/head_check.hpp"
#include "http/message.hpp"

#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::net {

/// The empty lines that a peer may send ahead of a request line (RFC 9112 section 2.2: "at least
/// one"; some clients end a body with one).
inline constexpr std::size_t kLeadingLineEndsMax = 2;

/// A chunk's size line, and all trailer fields together.
inline constexpr std::size_t kChunkLineBytesMax = std::size_t{4} * 1024;

/// Takes requests off a stream of bytes: Beast's parser, held to `http::check_head`. Nothing of a
/// head is copied, so the bytes that held it stay where they are until the request is answered.
class RequestParser {
public:
    enum class Progress : std::uint8_t { NeedInput, Head, Body };
    using Result = std::expected<Progress, http::HeadError>;

    RequestParser();
    RequestParser(RequestParser const&) = delete;
    RequestParser& operator=(RequestParser const&) = delete;
    ~RequestParser();

    /// Makes ready for the next request.
    void reset();

    /// Reads a head from the front of `input` and takes it off. `Head`: it is complete and in
    /// order. `NeedInput`: call again with the same bytes and more behind them; only line ends
    /// ahead of the request are taken off.
    [[nodiscard]] Result read_head(std::span<char const>& input);

    /// Reads on in the body. `Body`: it is complete. `NeedInput`: call again with what is left of
    /// `input` and more behind it.
    [[nodiscard]] Result read_body(std::span<char const>& input);

    [[nodiscard]] http::HeadFacts const& facts() const noexcept { return facts_; }
    [[nodiscard]] bool is_http10() const noexcept { return head_.version == http::Version::Http10; }
    [[nodiscard]] bool has_started() const noexcept { return searched_ > 0; }

    /// The request, its `body` as far as it was read; `peer_address` is not set here.
    [[nodiscard]] http::Request request() const noexcept;

private:
    class Parser;
    [[nodiscard]] std::expected<void, http::HeadError> check_start(std::string_view text) const;
    [[nodiscard]] Result parse_head(std::span<char const> head);

    std::size_t searched_ = 0;  ///< bytes of the head in which its end is not
    std::size_t leading_line_ends_ = 0;
    http::RequestHead head_;
    http::HeadFacts facts_;
    std::vector<http::Field> fields_;
    std::string body_;
    std::unique_ptr<Parser> parser_;
};

}  // namespace latchkey::net
