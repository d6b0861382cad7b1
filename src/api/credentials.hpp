#pragma once

#include "http/message.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace latchkey::api {

/// A query parameter, decoded; empty where it is absent or its encoding is broken. Text that needs
/// no decoding is not copied: `storage` is only used where it does.
[[nodiscard]] std::string_view query_parameter(std::string_view query, std::string_view name,
                                               std::string& storage);

/// A token as a header has it, `Bearer ` in front or not (protocol section 2.1).
[[nodiscard]] std::string_view strip_bearer(std::string_view value) noexcept;

}  // namespace latchkey::api
