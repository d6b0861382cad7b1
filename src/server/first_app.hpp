#pragma once

#include "domain/app.hpp"
#include "domain/store.hpp"
#include "server/settings.hpp"

#include <latchkey/base/instant.hpp>
#include <latchkey/base/random_source.hpp>

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

namespace latchkey::server {

/// What the first start came to.
struct FirstApp {
    enum class Origin : std::uint8_t {
        Generated,  ///< made with a random key and secret
        Given,      ///< made with those of the settings
        Existed,    ///< the one of the settings was there already, or the store had Apps
    };
    Origin origin;
    std::optional<domain::App> app;  ///< absent where the store has Apps and the settings name none
};

/// Sees to it that there is an App: makes one in an empty store; with a key in the settings, makes
/// or joins that one. Fails, with what to do, where that key exists with another secret, or the
/// secret is unfit. An App that exists keeps its mode, whatever the settings say.
/// @throws domain::StoreFailure
[[nodiscard]] std::expected<FirstApp, std::string> ensure_first_app(domain::Store& store,
                                                                    Settings const& settings,
                                                                    Instant now,
                                                                    RandomSource& random);

}  // namespace latchkey::server
