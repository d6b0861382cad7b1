#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

/// WebSocket frames (RFC 6455 section 5), server side: what comes in is masked, what goes out is
/// not. No extension is spoken.
namespace latchkey::http {

/// RFC 6455 section 7.4.1, and the codes of this product.
namespace close_code {
inline constexpr std::uint16_t kNormal = 1000;
inline constexpr std::uint16_t kGoingAway = 1001;
inline constexpr std::uint16_t kProtocolError = 1002;
inline constexpr std::uint16_t kNone = 1005;  ///< never sent: a close frame without a code came
inline constexpr std::uint16_t kNotUtf8 = 1007;
inline constexpr std::uint16_t kTooBig = 1009;
inline constexpr std::uint16_t kInternalError = 1011;
}  // namespace close_code

/// Whether a close frame may carry `code` (RFC 6455 section 7.4): registered for it, or from the
/// ranges for libraries and applications.
[[nodiscard]] bool is_sendable_close_code(std::uint16_t code) noexcept;

inline constexpr std::size_t kControlPayloadMax = 125;  ///< RFC 6455 section 5.5

/// What the decoder found next.
struct FrameEvent {
    enum class Kind : std::uint8_t {
        NeedInput,  ///< all input is used up
        Text,       ///< a complete message, valid UTF-8
        Binary,     ///< a complete message
        Ping,
        Pong,
        Close,  ///< `code` (`kNone` where the frame had none), the reason in `payload`
        Error,  ///< the peer broke the protocol: close with `code`, read no more
    };
    Kind kind = Kind::NeedInput;
    std::uint16_t code = 0;
    std::string_view payload;  ///< valid until the next call, and while the input stands
};

/// Takes messages off a stream of bytes, however it is cut up. Memory is held only while a frame or
/// a message is incomplete; an idle decoder is one empty pointer.
class FrameDecoder {
public:
    FrameDecoder();
    FrameDecoder(FrameDecoder&&) noexcept;
    FrameDecoder& operator=(FrameDecoder&&) noexcept;
    ~FrameDecoder();

    /// Finds the next event in `input` and takes what it used off its front. Payloads are unmasked
    /// in place. After `Error`, every call says `Error` again.
    [[nodiscard]] FrameEvent next(std::span<char>& input);

    /// Whether nothing is half-read and no memory is held.
    [[nodiscard]] bool is_idle() const noexcept { return state_ == nullptr; }

private:
    struct State;
    FrameEvent next_partial(std::span<char>& input);

    std::unique_ptr<State> state_;
};

/// Append one whole unmasked frame each. `text` and `reason` are UTF-8. `payload` and `reason` are
/// cut to what a control frame holds; a reason is cut between characters.
void append_text_frame(std::string& out, std::string_view text);
void append_pong_frame(std::string& out, std::string_view payload);

/// `kNone` makes a close frame without a payload.
void append_close_frame(std::string& out, std::uint16_t code, std::string_view reason);

}  // namespace latchkey::http
