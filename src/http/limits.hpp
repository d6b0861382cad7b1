#pragma once

#include <chrono>
#include <cstddef>

/// Every limit of the network surface, in one place; docs/reference/limits.md lists them with their
/// reasons. Bytes, unless the name says otherwise.
namespace latchkey::http {

inline constexpr std::size_t kHeaderBytesMax =
    std::size_t{32} * 1024;                           ///< request line and fields -> 431/24
inline constexpr std::size_t kHeaderFieldsMax = 100;  ///< -> 431/24
inline constexpr std::size_t kBodyBytesMax = std::size_t{5} * 1024 * 1024;  ///< -> 413/22
inline constexpr std::size_t kQueryParametersMax = 64;

inline constexpr std::chrono::seconds kHeaderReadMax{
    15};                                                 ///< first byte to end of header -> 408/23
inline constexpr std::chrono::seconds kBodyReadMax{60};  ///< end of header to end of body -> 408/23
inline constexpr std::chrono::seconds kKeepAliveIdleMax{75};  ///< between requests: closed silently
inline constexpr std::chrono::seconds kAnswerWriteMax{30};
inline constexpr std::chrono::seconds kDeferredAnswerMax{30};  ///< for the store -> 503/-1
inline constexpr std::chrono::seconds kStopGraceMax{10};       ///< for requests under way at a stop
inline constexpr std::size_t kDrainBytesMax =
    std::size_t{8} * 1024 * 1024;                    ///< read and dropped behind an error
inline constexpr std::chrono::seconds kDrainMax{5};  ///< so that the peer gets to read the answer
inline constexpr std::chrono::milliseconds kAcceptPause{200};  ///< when out of file descriptors

inline constexpr std::size_t kMessageBytesMax =
    std::size_t{1024} * 1024;  ///< one WebSocket message in -> 1009
inline constexpr std::size_t kSendQueueBytesMax =
    std::size_t{256} * 1024;  ///< a peer that does not read is cut
inline constexpr std::chrono::seconds kWebSocketSilenceMax{90};  ///< no byte in: the peer is gone
inline constexpr std::chrono::seconds kCloseHandshakeMax{5};  ///< our close frame sent, theirs not
inline constexpr std::chrono::milliseconds kTickLength{250};  ///< how coarse all these waits are

}  // namespace latchkey::http
