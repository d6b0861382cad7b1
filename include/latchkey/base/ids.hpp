#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace latchkey {

/// Number of an App inside one store; also the `id` of its settings on the wire.
enum class AppId : std::int64_t {};

inline constexpr std::size_t kUserIdBytesMax = 255;
inline constexpr std::size_t kApiKeyBytesMax = 64;

/// The identity of callers without a token. Reserved: not a `UserId`.
inline constexpr std::string_view kAnonymousUserId = "!anon";

/// Whether `text` may name a user: 1 to 255 of the ASCII letters, digits, `@`, `_`, `-`.
[[nodiscard]] bool is_user_id(std::string_view text) noexcept;

/// The name of a User inside its App. Always valid; compares byte by byte.
class UserId {
public:
    /// Empty where `text` is no user id.
    [[nodiscard]] static std::optional<UserId> parse(std::string_view text);

    [[nodiscard]] std::string const& text() const noexcept { return text_; }
    auto operator<=>(UserId const&) const = default;

private:
    explicit UserId(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

/// The public name of an App: 1 to 64 of the ASCII letters, digits, `_`, `-`.
class ApiKey {
public:
    /// Empty where `text` is no API key.
    [[nodiscard]] static std::optional<ApiKey> parse(std::string_view text);

    [[nodiscard]] std::string const& text() const noexcept { return text_; }
    auto operator<=>(ApiKey const&) const = default;

private:
    explicit ApiKey(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

}  // namespace latchkey

template <>
struct std::hash<latchkey::UserId> {
    std::size_t operator()(latchkey::UserId const& id) const noexcept {
        return std::hash<std::string>{}(id.text());
    }
};
