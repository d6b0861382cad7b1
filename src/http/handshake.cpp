#include "http/handshake.hpp"

#include "http/ascii.hpp"

#include <nettle/base64.h>
#include <nettle/sha1.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace latchkey::http {
namespace {

constexpr std::string_view kSubprotocol = "wss";
constexpr std::string_view kVersion = "13";

/// Canonical base64 of 16 bytes is 22 characters and two `=`; of the last one, 2 bits count.
bool is_key(std::string_view key) noexcept {
    auto const is_base64 = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '+' || c == '/';
    };
    return key.size() == 24 && key.ends_with("==") &&
           std::ranges::all_of(key.substr(0, 22), is_base64) &&
           std::string_view("AQgw").contains(key[21]);
}

/// What a handshake says, each field gathered over the whole request.
struct HandshakeFields {
    std::optional<std::string_view> key, version;
    bool repeated = false;
    bool offers_subprotocol = false;

    void take(Field const& field) {
        auto const take_once = [this, &field](std::optional<std::string_view>& slot) {
            repeated = repeated || slot.has_value();
            slot = field.value;
        };
        if (equals_ignoring_case(field.name, "sec-websocket-key")) {
            take_once(key);
        } else if (equals_ignoring_case(field.name, "sec-websocket-version")) {
            take_once(version);
        } else if (equals_ignoring_case(field.name, "sec-websocket-protocol")) {
            // Subprotocols are compared exactly (section 4.1), and the field may come in parts.
            offers_subprotocol =
                offers_subprotocol ||
                any_list_element(field.value, [](std::string_view s) { return s == kSubprotocol; });
        }
    }
};

}  // namespace

std::expected<Upgrade, HeadError> check_upgrade(Request const& request) {
    auto const refused = [](int status, std::string_view why) {
        return std::unexpected(HeadError{.status = status, .why = why});
    };
    // Section 4.2.1, 1: "An HTTP/1.1 or higher GET request".
    if (request.method != Method::Get) {
        return refused(400, "a WebSocket is opened with GET");
    }
    HandshakeFields fields;
    std::ranges::for_each(request.fields, [&fields](Field const& field) { fields.take(field); });
    if (fields.repeated) {
        return refused(400, "a field of the WebSocket handshake came twice");
    }
    // Section 4.2.1, 6: "A |Sec-WebSocket-Version| header field, with a value of 13."
    if (fields.version != kVersion) {
        return refused(426, "the WebSocket version spoken here is 13");
    }
    // Section 4.2.1, 5: "a base64-encoded value that, when decoded, is 16 bytes in length".
    if (!fields.key || !is_key(*fields.key)) {
        return refused(400, "Sec-WebSocket-Key is not the base64 of 16 bytes");
    }
    return Upgrade{.key = *fields.key, .offers_subprotocol = fields.offers_subprotocol};
}

void add_upgrade_required_fields(Response& response) {
    response.add_field("Upgrade", "websocket");
    response.add_field("Sec-WebSocket-Version", kVersion);
}

std::string accept_key(std::string_view key) {
    constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::string const text = std::string(key).append(kGuid);
    std::array<std::uint8_t, SHA1_DIGEST_SIZE> digest{};
    sha1_ctx sha1{};
    sha1_init(&sha1);
    sha1_update(&sha1, text.size(), reinterpret_cast<std::uint8_t const*>(text.data()));
    sha1_digest(&sha1, digest.size(), digest.data());
    std::string out(BASE64_ENCODE_RAW_LENGTH(digest.size()), '\0');
    base64_encode_raw(out.data(), digest.size(), digest.data());
    return out;
}

void append_switching_protocols(std::string& out, Upgrade const& upgrade) {
    out.append(
           "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Accept: ")
        .append(accept_key(upgrade.key))
        .append("\r\n");
    if (upgrade.offers_subprotocol) {
        out.append("Sec-WebSocket-Protocol: ").append(kSubprotocol).append("\r\n");
    }
    out.append("\r\n");
}

}  // namespace latchkey::http
