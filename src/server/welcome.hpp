#pragma once

#include "api/setup_code.hpp"
#include "server/first_app.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace latchkey::server {

/// What `serve` prints when it is up: where it listens, the first App, and how to try it out.
struct Welcome {
    std::string public_url;
    std::string admin_url;
    FirstApp const& first;
    bool has_dashboard;                ///< built into this program
    api::SetupCode const* setup_code;  ///< null: there is an account
    std::string_view data_directory;
    bool may_show_secret;  ///< a terminal, or asked for
};

[[nodiscard]] std::string format_welcome(Welcome const& welcome);

}  // namespace latchkey::server
