#include "http/uri.hpp"

#include "http/ascii.hpp"
#include "http/limits.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace latchkey::http {
namespace {

/// Parameters whose values never reach a log (promise P7): credentials, claims, and what users
/// wrote about themselves.
constexpr std::array<std::string_view, 17> kRedactedNames{
    "access_token", "api_secret", "auth",      "authorization", "code",      "id_token",
    "json",         "jwt",        "key",       "password",      "payload",   "refresh_token",
    "secret",       "session",    "signature", "token",         "user_token"};
constexpr std::string_view kCut = "[cut]";
constexpr std::string_view kShortened = "...";

/// What each JWS in compact form begins with: the base64url of `{"`.
constexpr std::string_view kTokenStart = "eyJ";

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

int hex_value(char c) noexcept {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    char const lower = to_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

enum class Plus : bool { IsItself, IsSpace };

std::optional<std::string> decode(std::string_view text, Plus plus) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus == Plus::IsSpace) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            int const high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
            int const low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return std::nullopt;
            }
            out += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    return out;
}

/// Whether the value of the parameter `name` is to be cut out. A name that does not decode is one
/// that nobody can vouch for.
bool is_redacted(std::string_view name, std::string_view value) {
    auto decoded = decode(name, Plus::IsSpace);
    if (!decoded || value.find(kTokenStart) != value.npos) {
        return true;
    }
    std::ranges::transform(*decoded, decoded->begin(), to_lower);
    return std::ranges::find(kRedactedNames, std::string_view(*decoded)) != kRedactedNames.end();
}

/// Appends `text` with everything but printable ASCII as `\xNN`.
void append_escaped(std::string& out, std::string_view text) {
    for (char const c : text) {
        auto const byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f) {
            out += c;
        } else {
            out.append("\\x").append(1, kHexDigits[byte >> 4]).append(1, kHexDigits[byte & 0xf]);
        }
    }
}

/// A path segment is cut out only where it looks like a token.
void append_path(std::string& out, std::string_view path) {
    for (;;) {
        auto const slash = path.find('/');
        auto const segment = path.substr(0, slash);
        append_escaped(out, segment.find(kTokenStart) == segment.npos ? segment : kCut);
        if (slash == path.npos || out.size() > kLoggedTargetBytesMax) {
            return;
        }
        out += '/';
        path.remove_prefix(slash + 1);
    }
}

void append_parameter(std::string& out, std::string_view parameter) {
    auto const equals = parameter.find('=');
    auto const name = parameter.substr(0, equals);
    if (equals == parameter.npos) {
        append_escaped(out, is_redacted({}, name) ? kCut : name);
        return;
    }
    auto const value = parameter.substr(equals + 1);
    append_escaped(out, name.find(kTokenStart) == name.npos ? name : kCut);
    out += '=';
    append_escaped(out, is_redacted(name, value) ? kCut : value);
}

}  // namespace

std::optional<std::string_view> find_query_parameter(std::string_view query,
                                                     std::string_view name) noexcept {
    for (std::size_t seen = 0; seen < kQueryParametersMax; ++seen) {
        auto const end = query.find('&');
        auto const parameter = query.substr(0, end);
        if (parameter.starts_with(name)) {
            if (parameter.size() == name.size()) {
                return parameter.substr(name.size());
            }
            if (parameter[name.size()] == '=') {
                return parameter.substr(name.size() + 1);
            }
        }
        if (end == query.npos) {
            return std::nullopt;
        }
        query.remove_prefix(end + 1);
    }
    return std::nullopt;
}

std::optional<std::string> decode_query_value(std::string_view text) {
    return decode(text, Plus::IsSpace);
}

std::optional<std::string> decode_path_segment(std::string_view text) {
    return decode(text, Plus::IsItself);
}

std::string percent_encode(std::string_view text) {
    std::string encoded;
    for (char const c : text) {
        auto const lower = to_lower(c);
        if ((lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
            std::string_view("-._~").contains(c)) {
            encoded += c;
        } else {
            auto const byte = static_cast<unsigned char>(c);
            encoded.append(1, '%')
                .append(1, kHexDigits[byte >> 4])
                .append(1, kHexDigits[byte & 0xf]);
        }
    }
    return encoded;
}

std::string redact_target(std::string_view target) {
    std::string out;
    auto const question = target.find('?');
    append_path(out, target.substr(0, question));
    if (question != target.npos) {
        out += '?';
        auto query = target.substr(question + 1);
        for (;;) {
            auto const end = query.find('&');
            append_parameter(out, query.substr(0, end));
            if (end == query.npos || out.size() > kLoggedTargetBytesMax) {
                break;
            }
            out += '&';
            query.remove_prefix(end + 1);
        }
    }
    if (out.size() > kLoggedTargetBytesMax) {
        out.resize(kLoggedTargetBytesMax - kShortened.size());
        out += kShortened;
    }
    return out;
}

}  // namespace latchkey::http
