#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace latchkey::oidc {

/// The signature algorithms of other people's tokens that are verified here (RFC 7518 section 3.1,
/// RFC 8037 section 3.1). All with a public key: neither `none` nor a MAC is among them, so that no
/// token can make a secret of a key that everybody knows.
enum class Algorithm : std::uint8_t { RS256, ES256, EdDSA };

inline constexpr std::array kAlgorithms = {Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA};

[[nodiscard]] std::string_view algorithm_name(Algorithm algorithm) noexcept;
/// Exactly as the name is registered; empty for every other text.
[[nodiscard]] std::optional<Algorithm> parse_algorithm(std::string_view name) noexcept;

}  // namespace latchkey::oidc
