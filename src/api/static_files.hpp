#pragma once

#include "http/message.hpp"

#include <latchkey/wire/api_error.hpp>

#include <expected>
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

/// Fills in the answer to a request for one of `files`, the headers included that keep a browser
/// from loading anything else. `/` is `/index.html`; the dashboard's own addresses stand behind the
/// `#`, so that an SDK that was pointed at the wrong listener gets an error and not a page.
///
/// Without files `/` is a page that says so.
[[nodiscard]] std::expected<void, wire::ApiError> answer_with_file(
    http::Request const& request, std::span<StaticFile const> files, http::Response& response);

}  // namespace latchkey::api
