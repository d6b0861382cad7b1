#include "http/head_check.hpp"

#include "http/ascii.hpp"
#include "http/limits.hpp"

#include <algorithm>
#include <utility>

namespace latchkey::http {
namespace {

Method parse_method(std::string_view text) noexcept {
    using enum Method;
    // Methods are case-sensitive (RFC 9110 section 9.1).
    constexpr std::pair<std::string_view, Method> kMethods[] = {
        {"GET", Get}, {"POST", Post},       {"PATCH", Patch}, {"DELETE", Delete},
        {"PUT", Put}, {"OPTIONS", Options}, {"HEAD", Head}};
    for (auto const& [name, method] : kMethods) {
        if (name == text) {
            return method;
        }
    }
    return Other;
}

/// The fields that decide about framing and the connection, each at most once where that matters.
struct KnownFields {
    std::optional<std::string_view> host, content_length, transfer_encoding, expect, authorization,
        content_encoding;
    bool repeated = false;  ///< one of those above came twice
    bool close = false, keep_alive = false, upgrade = false, websocket = false;

    void take_once(std::optional<std::string_view>& slot, std::string_view value) {
        repeated = repeated || slot.has_value();
        slot = value;
    }

    void take_connection(std::string_view value) {
        close = close || list_has(value, "close");
        keep_alive = keep_alive || list_has(value, "keep-alive");
        upgrade = upgrade || list_has(value, "upgrade");
    }

    void take(Field const& field) {
        auto const is = [&field](std::string_view name) {
            return equals_ignoring_case(field.name, name);
        };
        // By length first: most fields of a request are none of these.
        switch (field.name.size()) {
            case 4: return is("host") ? take_once(host, field.value) : void();
            case 6: return is("expect") ? take_once(expect, field.value) : void();
            case 7:
                websocket = websocket || (is("upgrade") && list_has(field.value, "websocket"));
                return;
            case 10: return is("connection") ? take_connection(field.value) : void();
            case 13: return is("authorization") ? take_once(authorization, field.value) : void();
            case 14: return is("content-length") ? take_once(content_length, field.value) : void();
            case 16:
                return is("content-encoding") ? take_once(content_encoding, field.value) : void();
            case 17:
                return is("transfer-encoding") ? take_once(transfer_encoding, field.value) : void();
            default: return;
        }
    }
};

using Checked = std::expected<void, HeadError>;

Checked refuse(int status, std::string_view why) {
    return std::unexpected(HeadError{.status = status, .why = why});
}

/// RFC 9112 sections 6.1 to 6.3. Sets `has_body`.
Checked check_framing(KnownFields const& known, Version version, HeadFacts& facts) {
    if (known.transfer_encoding) {
        // "A server MAY reject a request that contains both": it "might indicate an attempt to
        // perform request smuggling".
        if (known.content_length) {
            return refuse(400, "both Content-Length and Transfer-Encoding");
        }
        if (version == Version::Http10) {
            return refuse(400, "Transfer-Encoding in HTTP/1.0");
        }
        if (!equals_ignoring_case(*known.transfer_encoding, "chunked")) {
            return refuse(501, "the only transfer coding here is chunked");
        }
        facts.has_body = true;
        return {};
    }
    if (known.content_length) {
        auto const& text = *known.content_length;
        if (text.empty() || text.find_first_not_of("0123456789") != text.npos) {
            return refuse(400, "Content-Length is not a number");
        }
        facts.has_body = text.find_first_not_of('0') != text.npos;
    }
    return {};
}

Checked check_expectations(KnownFields const& known, Version version, HeadFacts& facts) {
    if (known.expect) {
        // RFC 9110 section 10.1.1: anything else is for 417; HTTP/1.0 is to be ignored.
        if (!equals_ignoring_case(*known.expect, "100-continue")) {
            return refuse(417, "the only expectation met here is 100-continue");
        }
        facts.expects_continue = version == Version::Http11 && facts.has_body;
    }
    if (known.content_encoding && facts.has_body) {
        // Nothing is ever decompressed. `application/gzip` is how an official SDK labels plain
        // JSON.
        for (std::string_view const coding :
             {"gzip", "x-gzip", "deflate", "br", "compress", "zstd"}) {
            if (list_has(*known.content_encoding, coding)) {
                return refuse(415, "compressed bodies are not read");
            }
        }
    }
    return {};
}

/// RFC 9112 section 3.2: origin form, absolute form, or `*`. What a path may be made of is left to
/// who looks it up: an official SDK sends raw `{`, `"` and the like.
Checked check_target(RequestHead const& head, HeadFacts& facts) {
    auto target = head.target;
    if (!target.starts_with('/') && !(target == "*" && facts.method == Method::Options)) {
        auto const scheme = target.find("://");
        auto const name = target.substr(0, scheme == target.npos ? 0 : scheme);
        if (!equals_ignoring_case(name, "http") && !equals_ignoring_case(name, "https")) {
            return refuse(400, "the request target is not a path");
        }
        auto const authority_end = target.find_first_of("/?", scheme + 3);
        target = authority_end == target.npos ? std::string_view{} : target.substr(authority_end);
    }
    auto const question = target.find('?');
    facts.path = target.substr(0, question);
    if (facts.path.empty()) {
        facts.path = "/";
    }
    facts.query = question == target.npos ? std::string_view{} : target.substr(question + 1);
    return {};
}

}  // namespace

std::expected<HeadFacts, HeadError> check_head(RequestHead const& head) {
    auto const refused = [](int status, std::string_view why) {
        return std::unexpected(HeadError{.status = status, .why = why});
    };
    if (head.fields.size() > kHeaderFieldsMax) {
        return refused(431, "too many header fields");
    }
    // RFC 9112 section 5.2: "A server that receives an obs-fold [...] MUST either reject [...]".
    if (head.folded) {
        return refused(400, "a header field is folded");
    }
    KnownFields known;
    std::ranges::for_each(head.fields, [&known](Field const& field) { known.take(field); });
    if (known.repeated) {
        return refused(400, "a header field that may come once came twice");
    }
    // RFC 9112 section 3.2: 400 "to any HTTP/1.1 request message that lacks a Host header field".
    if (!known.host && head.version == Version::Http11) {
        return refused(400, "no Host");
    }
    HeadFacts facts;
    facts.method = parse_method(head.method);
    for (auto const& checked :
         {check_framing(known, head.version, facts), check_expectations(known, head.version, facts),
          check_target(head, facts)}) {
        if (!checked) {
            return std::unexpected(checked.error());
        }
    }
    facts.keep_alive = !known.close && (head.version == Version::Http11 || known.keep_alive);
    // RFC 9110 section 7.8: Upgrade counts only with its connection option, and never in HTTP/1.0.
    facts.upgrades_websocket = known.websocket && known.upgrade && head.version == Version::Http11;
    return facts;
}

int refused_line_status(std::string_view line) noexcept {
    constexpr std::string_view kPattern = " HTTP/d.d";
    if (line.size() < kPattern.size()) {
        return 400;
    }
    auto const is_digit = [](char c) { return c >= '0' && c <= '9'; };
    auto const version = line.substr(line.size() - kPattern.size());
    bool const is_http = version.starts_with(" HTTP/") && is_digit(version[6]) &&
                         version[7] == '.' && is_digit(version[8]);
    return is_http && version != " HTTP/1.1" && version != " HTTP/1.0" ? 505 : 400;
}

}  // namespace latchkey::http
