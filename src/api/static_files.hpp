#pragma once

#include <span>
#include <string_view>

namespace latchkey::api {

/// A file of the dashboard, built into the program.
struct StaticFile {
    std::string_view path;  ///< from the root: `/index.html`
    std::string_view content_type;
    std::string_view bytes;
    std::string_view gzip_bytes;  ///< the same compressed (RFC 1952); empty: that saves nothing
    std::string_view etag;        ///< quotes included (RFC 9110 section 8.8.3)
    bool immutable;               ///< its name changes with its bytes
};

/// All of them; empty where the program was built without the dashboard.
[[nodiscard]] std::span<StaticFile const> dashboard_files();

}  // namespace latchkey::api
