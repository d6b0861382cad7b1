// Somebody else's token under the key of RFC 8037 appendix A. Properties: it is judged alike twice,
// only the one token that its owner signed is let through, and claims come out in range.
#include "oidc/id_token.hpp"
#include "oidc/jws.hpp"
#include "property.hpp"

#include <string_view>

using namespace latchkey;

namespace {

constexpr std::string_view kKeys =
    R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})";
constexpr std::string_view kSigned =
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
    ".hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

std::expected<std::string, oidc::ProofError> judge(std::string_view text) {
    static auto const keys = *oidc::JwkSet::parse(kKeys);
    auto const token = oidc::SignedToken::parse(text, oidc::kAlgorithms);
    return token ? token->verify(keys) : std::unexpected(token.error());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const text = fuzz::text_of(data, size);
    auto const judgement = judge(text);
    fuzz::require(judge(text) == judgement);
    fuzz::require(judgement.has_value() == (text == kSigned));

    // The same bytes as claims whose signature was good.
    static oidc::Expectations const expected{.issuer = "https://id.example.com",
                                             .audiences = {"app"}};
    constexpr Instant kNow{std::chrono::seconds{1'767'225'600}};
    auto const claims = oidc::check_claims(text, expected, kNow);
    fuzz::require(!claims || claims->at("iss") == expected.issuer);
    return 0;
}
