#pragma once

#include "wire/app_settings.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <string_view>

/// What reading and writing the settings of an App have in common.
namespace latchkey::wire {

/// What the typed SDKs can hold in an `int`.
inline constexpr std::int64_t kIntegerMax = std::numeric_limits<std::int32_t>::max();
inline constexpr std::int64_t kUploadBytesMax = 104'857'600;

/// The lists of an upload configuration.
inline constexpr std::array<std::string_view, 4> kUploadLists{
    "allowed_file_extensions", "blocked_file_extensions", "allowed_mime_types",
    "blocked_mime_types"};

[[nodiscard]] Setting const* find_setting(std::string_view name) noexcept;

/// Null also where the member is JSON's null.
[[nodiscard]] boost::json::value const* find_value(boost::json::object const& object,
                                                   std::string_view name) noexcept;

/// Members of settings that are objects: credentials of push providers, queues and log services.
[[nodiscard]] bool is_secret_name(std::string_view name) noexcept;

}  // namespace latchkey::wire
