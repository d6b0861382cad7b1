#pragma once

#include <chrono>
#include <cstddef>

/// What is taken from identity providers; docs/reference/limits.md lists it with the reasons.
namespace latchkey::oidc {

inline constexpr std::size_t kIdTokenBytesMax = std::size_t{16} * 1024;
inline constexpr std::size_t kDiscoveryBytesMax = std::size_t{64} * 1024;
inline constexpr std::size_t kJwksBytesMax = std::size_t{256} * 1024;
inline constexpr std::size_t kJwksKeysMax = 64;     ///< in one set, those included that are no use
inline constexpr std::size_t kKeysTriedMax = 4;     ///< for one token
inline constexpr std::size_t kKeyIdBytesMax = 256;  ///< `kid`
inline constexpr std::size_t kAudiencesMax = 32;    ///< in one token
inline constexpr int kRsaBitsMin = 2048;            ///< RFC 7518 section 3.3
inline constexpr int kRsaBitsMax = 8192;

/// How far a provider's clock and ours may be apart: of `exp`, `nbf` and `iat` alike.
inline constexpr std::chrono::seconds kProviderClockSkew{10};

}  // namespace latchkey::oidc
