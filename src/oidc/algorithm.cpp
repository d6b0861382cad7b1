#include "oidc/algorithm.hpp"

#include <utility>

namespace latchkey::oidc {

std::string_view algorithm_name(Algorithm algorithm) noexcept {
    switch (algorithm) {
        case Algorithm::RS256: return "RS256";
        case Algorithm::ES256: return "ES256";
        case Algorithm::EdDSA: return "EdDSA";
    }
    std::unreachable();
}

std::optional<Algorithm> parse_algorithm(std::string_view name) noexcept {
    for (auto const algorithm : kAlgorithms) {
        if (algorithm_name(algorithm) == name) {
            return algorithm;
        }
    }
    return std::nullopt;
}

}  // namespace latchkey::oidc
