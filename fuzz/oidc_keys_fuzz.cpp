// A provider's answer as a set of keys. Properties: what is taken has keys, within the limit, each
// of an algorithm that is verified here, and none of them takes a signature that nobody made.
#include "oidc/jwk_set.hpp"
#include "oidc/limits.hpp"
#include "property.hpp"

#include <array>

using namespace latchkey;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const keys = oidc::JwkSet::parse(fuzz::text_of(data, size));
    if (!keys) {
        return 0;
    }
    fuzz::require(!keys->keys().empty() && keys->keys().size() <= oidc::kJwksKeysMax);
    constexpr std::array<std::uint8_t, 64> kNobodys{1, 2, 3};
    for (auto const& key : keys->keys()) {
        fuzz::require(key.key.algorithm() <= oidc::Algorithm::EdDSA);
        // Ed25519 has a few keys of small order, for which a signature can be made up; not this
        // one.
        fuzz::require(!key.key.verify("text", kNobodys));
        fuzz::require(!key.id || keys->knows(*key.id));
    }
    return 0;
}
