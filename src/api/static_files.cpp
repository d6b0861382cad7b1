#include "api/static_files.hpp"

#include "api/entity_tag.hpp"
#include "api/replies.hpp"
#include "http/ascii.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace latchkey::api {
namespace {

using wire::ApiError;

constexpr std::string_view kIndex = "/index.html";

/// On every file. The policy names all that the dashboard loads and connects to: itself. Nothing
/// inline runs, and no other page may frame it or keep a handle on its window.
constexpr std::string_view kSecurityFields =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "X-Frame-Options: DENY\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n";

constexpr std::string_view kImmutable = "public, max-age=31536000, immutable";
constexpr std::string_view kAskEachTime = "no-cache";  // a new version counts at once

constexpr StaticFile kNoDashboard = {
    .path = "/",
    .content_type = "text/html; charset=utf-8",
    .bytes =
        "<!doctype html>\n"
        "<html lang=\"en\">\n"
        "<title>Latchkey</title>\n"
        "<h1>Latchkey</h1>\n"
        "<p>This program was built without the dashboard. To build it with one:</p>\n"
        "<pre>cmake --preset release -DLATCHKEY_DASHBOARD=ON\n"
        "cmake --build build/release</pre>\n"
        "<p>The admin API is below <code>/admin/v1</code>, and the command line uses it: "
        "<code>latchkey --help</code>.</p>\n"
        "</html>\n",
    .gzip_bytes = {},
    .etag = "\"no-dashboard\"",
    .immutable = false};

StaticFile const* find(std::span<StaticFile const> files, std::string_view path) {
    auto const found = std::ranges::find(files, path, &StaticFile::path);
    return found == files.end() ? nullptr : &*found;
}

/// Null: there is nothing at this path.
StaticFile const* choose_file(std::span<StaticFile const> files, std::string_view path) {
    if (files.empty()) {
        return path == "/" || path == kIndex ? &kNoDashboard : nullptr;
    }
    return find(files, path == "/" ? kIndex : path);
}

std::string_view trim(std::string_view text) {
    auto const first = text.find_first_not_of(" \t");
    auto const last = text.find_last_not_of(" \t");
    return first == text.npos ? std::string_view() : text.substr(first, last - first + 1);
}

/// Whether a weight is more than nothing: `q=0`, `q=0.000` are not (RFC 9110 section 12.4.2).
bool is_wanted(std::string_view parameter) {
    auto const weight = trim(parameter);
    if (weight.size() < 3 || http::to_lower(weight[0]) != 'q' || weight[1] != '=') {
        return true;
    }
    return weight.substr(2).find_first_not_of("0.") != weight.npos;
}

/// RFC 9110 section 12.5.3: `gzip`, its old name, or an asterisk where neither is named.
bool takes_gzip(std::string_view accepted) {
    bool by_asterisk = false;
    while (!accepted.empty()) {
        auto const comma = std::min(accepted.find(','), accepted.size());
        auto const entry = accepted.substr(0, comma);
        accepted.remove_prefix(std::min(comma + 1, accepted.size()));
        auto const semicolon = std::min(entry.find(';'), entry.size());
        auto const coding = trim(entry.substr(0, semicolon));
        auto const parameter = entry.substr(std::min(semicolon + 1, entry.size()));
        if (http::equals_ignoring_case(coding, "gzip") ||
            http::equals_ignoring_case(coding, "x-gzip")) {
            return is_wanted(parameter);
        }
        if (coding == "*") {
            by_asterisk = is_wanted(parameter);
        }
    }
    return by_asterisk;
}

/// Two codings of one file are two representations, with a tag each (RFC 9110 section 8.8.3.3).
std::string gzip_tag(std::string_view tag) {
    std::string text(tag.substr(0, tag.size() - 1));
    return text += "-gzip\"";
}

void fill(http::Request const& request, StaticFile const& file, http::Response& response) {
    bool const has_gzip = !file.gzip_bytes.empty();
    bool const as_gzip = has_gzip && takes_gzip(request.field("accept-encoding"));
    auto const tag = as_gzip ? gzip_tag(file.etag) : std::string(file.etag);
    response.fields += kSecurityFields;
    response.add_field("Cache-Control", file.immutable ? kImmutable : kAskEachTime);
    response.add_field("ETag", tag);
    if (has_gzip) {
        response.add_field("Vary", "Accept-Encoding");
    }
    if (has_already(request, tag)) {
        response.status = 304;
        return;
    }
    response.add_field("Content-Type", file.content_type);
    if (as_gzip) {
        response.add_field("Content-Encoding", "gzip");
    }
    response.body = as_gzip ? file.gzip_bytes : file.bytes;
}

}  // namespace

std::expected<void, ApiError> answer_with_file(http::Request const& request,
                                               std::span<StaticFile const> files,
                                               http::Response& response) {
    auto const* file = choose_file(files, request.path);
    if (file == nullptr) {
        return std::unexpected(nothing_here());
    }
    if (request.method != http::Method::Get && request.method != http::Method::Head) {
        response.add_field("Allow", "GET, HEAD");
        return std::unexpected(ApiError{.code = wire::ErrorCode::InputError,
                                        .http_status = 405,
                                        .message = "this path has other methods: GET, HEAD"});
    }
    fill(request, *file, response);
    return {};
}

}  // namespace latchkey::api
