#include "sdk/base_url.hpp"

#include "http/url.hpp"

#include <utility>

namespace latchkey::sdk {
namespace {

std::string describe(http::UrlError error) {
    switch (error) {
        using enum http::UrlError;
        case Scheme: return "the base URL must begin with http:// or https://";
        case Fragment: return "the base URL must have no query and no fragment";
        case UserInfo: return "the base URL must name no user and no password";
        case Host: return "the base URL names no host";
        case Port: return "the port of the base URL must be 1 to 65535";
        case Path: return "the path of the base URL has a character that is not allowed there";
    }
    std::unreachable();
}

}  // namespace

std::expected<BaseUrl, std::string> parse_base_url(std::string_view text) {
    auto url = http::parse_url(text);
    // A lone `?` is an empty query, and as wrong: paths are put behind this.
    if (url && text.contains('?')) {
        return std::unexpected(describe(http::UrlError::Fragment));
    }
    if (!url) {
        return std::unexpected(describe(url.error()));
    }
    while (url->path.ends_with('/')) {
        url->path.pop_back();
    }
    return BaseUrl{.tls = url->tls,
                   .host = std::move(url->host),
                   .port = url->port,
                   .path_prefix = std::move(url->path)};
}

}  // namespace latchkey::sdk
