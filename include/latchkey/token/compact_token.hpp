#pragma once

#include <latchkey/token/error.hpp>

#include <expected>
#include <string_view>

namespace latchkey::token {

/// The three parts of a compact JWS (RFC 7515 section 7.1), nothing of them read yet: no claim can
/// be reached from here, only `Verifier` gives claims. Views into the text it was parsed from.
class CompactToken {
public:
    /// Fails with `Missing`, `TooLong` or `WrongSegmentCount`.
    [[nodiscard]] static std::expected<CompactToken, TokenError> parse(
        std::string_view text) noexcept;

    [[nodiscard]] std::string_view header() const noexcept { return header_; }
    [[nodiscard]] std::string_view payload() const noexcept { return payload_; }
    [[nodiscard]] std::string_view signature() const noexcept { return signature_; }
    /// Header, dot and payload: what the MAC is over.
    [[nodiscard]] std::string_view signing_input() const noexcept {
        return {header_.data(), header_.size() + 1 + payload_.size()};
    }

private:
    CompactToken(std::string_view header, std::string_view payload,
                 std::string_view signature) noexcept
        : header_(header), payload_(payload), signature_(signature) {}

    std::string_view header_;
    std::string_view payload_;
    std::string_view signature_;
};

}  // namespace latchkey::token
