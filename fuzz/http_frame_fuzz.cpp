// Property: however a stream of WebSocket frames is cut up, the same events come out of it.
#include "http/frame.hpp"
#include "http/limits.hpp"
#include "property.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <vector>

namespace {

using latchkey::http::FrameDecoder;
using latchkey::http::FrameEvent;

struct Seen {
    FrameEvent::Kind kind;
    std::uint16_t code;
    std::string payload;
    bool operator==(Seen const&) const = default;
};

std::vector<Seen> decode(std::string bytes, std::size_t piece) {
    FrameDecoder decoder;
    std::vector<Seen> seen;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        auto input = std::span(bytes).subspan(at, std::min(piece, bytes.size() - at));
        for (;;) {
            auto const event = decoder.next(input);
            if (event.kind == FrameEvent::Kind::NeedInput) {
                break;
            }
            latchkey::fuzz::require(event.payload.size() <= latchkey::http::kMessageBytesMax);
            seen.push_back({event.kind, event.code, std::string(event.payload)});
            if (event.kind == FrameEvent::Kind::Error) {
                return seen;
            }
        }
    }
    return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    std::string const bytes(reinterpret_cast<char const*>(data), size);
    auto const whole = decode(bytes, size);
    latchkey::fuzz::require(decode(bytes, 1) == whole);
    latchkey::fuzz::require(decode(bytes, 1 + size / 3) == whole);
    return 0;
}
