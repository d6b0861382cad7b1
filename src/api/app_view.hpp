#pragma once

#include "domain/app.hpp"
#include "domain/apps.hpp"
#include "wire/app_settings.hpp"

#include <latchkey/wire/api_error.hpp>

#include <expected>
#include <string_view>

namespace latchkey::api {

[[nodiscard]] std::string_view mode_name(domain::Mode mode) noexcept;

/// An App as it goes out. The view lives as long as `app`.
[[nodiscard]] wire::AppView view_of(domain::App const& app);

/// Puts a PATCH app into the App. Fails where its grants or its other settings grow too large
/// together; `app` is then half-changed and to be thrown away.
[[nodiscard]] std::expected<void, wire::ApiError> apply(wire::AppPatch const& patch,
                                                        domain::App& app);

[[nodiscard]] wire::ApiError to_api_error(domain::UpdateAppError error);

}  // namespace latchkey::api
