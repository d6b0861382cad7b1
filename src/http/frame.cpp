#include "http/frame.hpp"

#include "http/limits.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <optional>

namespace latchkey::http {
namespace {

enum class Opcode : std::uint8_t {
    Continuation = 0x0,
    Text = 0x1,
    Binary = 0x2,
    Close = 0x8,
    Ping = 0x9,
    Pong = 0xa,
};

using Mask = std::array<char, 4>;

/// Two bytes, a length of eight, a mask of four (section 5.2).
constexpr std::size_t kHeadBytesMax = 14;

struct FrameHead {
    Opcode opcode = Opcode::Text;
    bool fin = true;
    std::size_t head_bytes = 0;
    std::uint64_t payload_bytes = 0;
    Mask mask{};
};

bool is_control(Opcode opcode) noexcept { return static_cast<std::uint8_t>(opcode) >= 0x8; }

bool is_known(std::uint8_t opcode) noexcept {
    return opcode <= 0x2 || (opcode >= 0x8 && opcode <= 0xa);
}

FrameEvent error(std::uint16_t code) {
    return {.kind = FrameEvent::Kind::Error, .code = code, .payload = {}};
}

bool is_utf8(std::string_view text) {
    return text.empty() || simdjson::validate_utf8(text.data(), text.size());
}

struct HeadResult {
    enum class Kind : std::uint8_t { Complete, NeedInput, Error };
    Kind kind = Kind::NeedInput;
    FrameHead head{};
};

/// Reads the head of a frame. What two bytes give away is refused without waiting for the rest.
HeadResult parse_head(std::string_view bytes) {
    constexpr HeadResult kError{.kind = HeadResult::Kind::Error};
    auto const byte = [bytes](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
    if (bytes.empty()) {
        return {};
    }
    FrameHead head;
    // "MUST be 0 unless an extension is negotiated": RSV1 to RSV3. Unknown opcodes fail as well.
    if ((byte(0) & 0x70) != 0 || !is_known(byte(0) & 0x0f)) {
        return kError;
    }
    head.fin = (byte(0) & 0x80) != 0;
    head.opcode = static_cast<Opcode>(byte(0) & 0x0f);
    // Section 5.5: control frames "MUST NOT be fragmented".
    if (is_control(head.opcode) && !head.fin) {
        return kError;
    }
    if (bytes.size() < 2) {
        return {};
    }
    // Section 5.1: "The server MUST close the connection upon receiving a frame that is not
    // masked."
    if ((byte(1) & 0x80) == 0) {
        return kError;
    }
    std::size_t const length7 = byte(1) & 0x7f;
    if (is_control(head.opcode) && length7 > kControlPayloadMax) {
        return kError;
    }
    std::size_t const wide = length7 == 127 ? 8 : length7 == 126 ? 2 : 0;
    head.head_bytes = 2 + wide + head.mask.size();
    head.payload_bytes = length7;
    if (bytes.size() < 2 + wide) {
        return {};
    }
    if (wide != 0) {
        head.payload_bytes = 0;
        for (std::size_t i = 0; i < wide; ++i) {
            head.payload_bytes = head.payload_bytes << 8 | byte(2 + i);
        }
        // Section 5.2: "the minimal number of bytes MUST be used", "the most significant bit MUST
        // be 0".
        std::uint64_t const least = wide == 2 ? kControlPayloadMax + 1 : 0x1'0000;
        if (head.payload_bytes < least || head.payload_bytes >> 63 != 0) {
            return kError;
        }
    }
    if (bytes.size() < head.head_bytes) {
        // The length is judged as soon as it is there: the head is given without its mask.
        return {.kind = HeadResult::Kind::NeedInput, .head = head};
    }
    std::memcpy(head.mask.data(), bytes.data() + 2 + wide, head.mask.size());
    return {.kind = HeadResult::Kind::Complete, .head = head};
}

/// Section 5.3. `offset` is how far into the payload `bytes` begin.
void unmask(std::span<char> bytes, Mask const& mask, std::uint64_t offset) noexcept {
    std::array<char, 8> wide{};
    for (std::size_t i = 0; i < wide.size(); ++i) {
        wide[i] = mask[(offset + i) % mask.size()];
    }
    std::uint64_t key = 0;
    std::memcpy(&key, wide.data(), sizeof key);
    std::size_t i = 0;
    for (; i + sizeof key <= bytes.size(); i += sizeof key) {
        std::uint64_t word = 0;
        std::memcpy(&word, &bytes[i], sizeof word);
        word ^= key;
        std::memcpy(&bytes[i], &word, sizeof word);
    }
    for (; i < bytes.size(); ++i) {
        bytes[i] = static_cast<char>(bytes[i] ^ wide[i % wide.size()]);
    }
}

FrameEvent close_event(std::string_view payload) {
    if (payload.empty()) {
        return {.kind = FrameEvent::Kind::Close, .code = close_code::kNone, .payload = {}};
    }
    // Section 5.5.1: "the first two bytes of the body MUST be a 2-byte unsigned integer".
    if (payload.size() == 1) {
        return error(close_code::kProtocolError);
    }
    auto const code = static_cast<std::uint16_t>(static_cast<std::uint8_t>(payload[0]) << 8 |
                                                 static_cast<std::uint8_t>(payload[1]));
    if (!is_sendable_close_code(code)) {
        return error(close_code::kProtocolError);
    }
    auto const reason = payload.substr(2);
    if (!is_utf8(reason)) {
        return error(close_code::kNotUtf8);
    }
    return {.kind = FrameEvent::Kind::Close, .code = code, .payload = reason};
}

FrameEvent control_event(Opcode opcode, std::string_view payload) {
    if (opcode == Opcode::Close) {
        return close_event(payload);
    }
    auto const kind = opcode == Opcode::Ping ? FrameEvent::Kind::Ping : FrameEvent::Kind::Pong;
    return {.kind = kind, .code = 0, .payload = payload};
}

FrameEvent message_event(Opcode opcode, std::string_view payload) {
    if (opcode == Opcode::Binary) {
        return {.kind = FrameEvent::Kind::Binary, .code = 0, .payload = payload};
    }
    // Section 8.1: a text message that is not UTF-8 fails the connection.
    if (!is_utf8(payload)) {
        return error(close_code::kNotUtf8);
    }
    return {.kind = FrameEvent::Kind::Text, .code = 0, .payload = payload};
}

std::string_view view(std::span<char const> bytes) { return {bytes.data(), bytes.size()}; }

}  // namespace

/// What is kept while a frame or message is incomplete.
struct FrameDecoder::State {
    // The head of a frame whose rest has not come; then the frame that is being read.
    std::array<char, kHeadBytesMax> head_bytes{};
    std::size_t head_size = 0;
    FrameHead frame;
    bool in_frame = false;
    std::uint64_t payload_seen = 0;

    // The message that is being put together, over its frames.
    Opcode message_opcode = Opcode::Text;
    bool in_message = false;
    std::string message;
    std::string control;

    std::optional<std::uint16_t> failed;

    FrameEvent fail(std::uint16_t code) {
        failed = code;
        message = {};
        return error(code);
    }

    /// Sections 5.4 and 10.4, before any of the payload is buffered.
    [[nodiscard]] std::optional<std::uint16_t> check(FrameHead const& head) const {
        if (is_control(head.opcode)) {
            return std::nullopt;
        }
        if ((head.opcode == Opcode::Continuation) != in_message) {
            return close_code::kProtocolError;
        }
        if (head.payload_bytes > kMessageBytesMax - message.size()) {
            return close_code::kTooBig;
        }
        return std::nullopt;
    }

    /// Collects the head of the next frame. False: input is used up, or `failed` is set.
    bool read_head(std::span<char>& input) {
        auto const kept = head_size;
        auto const taken = std::min(kHeadBytesMax - kept, input.size());
        std::ranges::copy(input.first(taken),
                          head_bytes.begin() + static_cast<std::ptrdiff_t>(kept));
        auto const [kind, head] = parse_head({head_bytes.data(), kept + taken});
        if (kind == HeadResult::Kind::Error) {
            failed = close_code::kProtocolError;
            return false;
        }
        if (head.head_bytes != 0) {
            failed = check(head);
        }
        if (failed || kind == HeadResult::Kind::NeedInput) {
            head_size = kept + taken;
            input = input.subspan(taken);
            return false;
        }
        input = input.subspan(head.head_bytes - kept);
        head_size = 0;
        payload_seen = 0;
        frame = head;
        in_frame = true;
        if (!is_control(head.opcode) && head.opcode != Opcode::Continuation) {
            message_opcode = head.opcode;
            in_message = true;
        }
        return true;
    }

    /// Buffers the payload of the frame. False: input is used up.
    bool read_payload(std::span<char>& input) {
        auto const missing = frame.payload_bytes - payload_seen;
        auto const taken = input.first(std::min<std::uint64_t>(missing, input.size()));
        unmask(taken, frame.mask, payload_seen);
        (is_control(frame.opcode) ? control : message).append(taken.data(), taken.size());
        payload_seen += taken.size();
        input = input.subspan(taken.size());
        return payload_seen == frame.payload_bytes;
    }

    [[nodiscard]] bool is_spent() const {
        return head_size == 0 && !in_frame && !in_message && !failed;
    }
};

FrameDecoder::FrameDecoder() = default;
FrameDecoder::FrameDecoder(FrameDecoder&&) noexcept = default;
FrameDecoder& FrameDecoder::operator=(FrameDecoder&&) noexcept = default;
FrameDecoder::~FrameDecoder() = default;

FrameEvent FrameDecoder::next(std::span<char>& input) {
    if (state_ && state_->is_spent()) {
        state_.reset();
    }
    if (state_) {
        return next_partial(input);
    }
    if (input.empty()) {
        return {};
    }
    // Nearly every message is one frame that came in one piece: nothing is kept or copied.
    auto const [kind, head] = parse_head(view(input));
    bool const whole = kind == HeadResult::Kind::Complete && head.fin &&
                       head.opcode != Opcode::Continuation &&
                       head.payload_bytes <= kMessageBytesMax &&
                       head.payload_bytes <= input.size() - head.head_bytes;
    if (!whole) {
        state_ = std::make_unique<State>();
        return next_partial(input);
    }
    auto const payload = input.subspan(head.head_bytes, head.payload_bytes);
    unmask(payload, head.mask, 0);
    input = input.subspan(head.head_bytes + head.payload_bytes);
    auto const event = is_control(head.opcode) ? control_event(head.opcode, view(payload))
                                               : message_event(head.opcode, view(payload));
    if (event.kind == FrameEvent::Kind::Error) {
        state_ = std::make_unique<State>();
        return state_->fail(event.code);
    }
    return event;
}

FrameEvent FrameDecoder::next_partial(std::span<char>& input) {
    auto& state = *state_;
    if (!state.in_frame) {
        state.control.clear();  // lent out by the call before
    }
    for (;;) {
        if (auto const code = state.failed) {
            return state.fail(*code);
        }
        if (!state.in_frame && !state.read_head(input)) {
            if (state.failed) {
                continue;
            }
            return {};
        }
        if (!state.read_payload(input)) {
            return {};
        }
        state.in_frame = false;
        auto const& head = state.frame;
        FrameEvent event;
        if (is_control(head.opcode)) {
            event = control_event(head.opcode, state.control);
        } else if (head.fin) {
            state.in_message = false;
            event = message_event(state.message_opcode, state.message);
        } else {
            continue;
        }
        return event.kind == FrameEvent::Kind::Error ? state.fail(event.code) : event;
    }
}

bool is_sendable_close_code(std::uint16_t code) noexcept {
    // 1004 to 1006 and 1015 are never in a frame; 1016 to 2999 are for protocols to come.
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}

namespace {

void append_frame(std::string& out, Opcode opcode, std::string_view payload) {
    out += static_cast<char>(0x80 | static_cast<int>(opcode));
    std::size_t wide = 0;
    if (payload.size() <= kControlPayloadMax) {
        out += static_cast<char>(payload.size());
    } else {
        wide = payload.size() <= 0xffff ? 2 : 8;
        out += static_cast<char>(wide == 2 ? 126 : 127);
    }
    for (; wide > 0; --wide) {
        out += static_cast<char>(payload.size() >> (8 * (wide - 1)));
    }
    out += payload;
}

/// The longest start of `text` of at most `bytes_max` that does not end within a character.
std::string_view cut_utf8(std::string_view text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) {
        return text;
    }
    while (bytes_max > 0 && (static_cast<std::uint8_t>(text[bytes_max]) & 0xc0) == 0x80) {
        --bytes_max;
    }
    return text.substr(0, bytes_max);
}

}  // namespace

void append_text_frame(std::string& out, std::string_view text) {
    append_frame(out, Opcode::Text, text);
}

void append_pong_frame(std::string& out, std::string_view payload) {
    append_frame(out, Opcode::Pong, payload.substr(0, kControlPayloadMax));
}

void append_close_frame(std::string& out, std::uint16_t code, std::string_view reason) {
    std::string payload;
    if (code != close_code::kNone) {
        payload += static_cast<char>(code >> 8);
        payload += static_cast<char>(code);
        payload += cut_utf8(reason, kControlPayloadMax - payload.size());
    }
    append_frame(out, Opcode::Close, payload);
}

}  // namespace latchkey::http
