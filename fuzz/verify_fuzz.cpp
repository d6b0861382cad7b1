// The input is a header, a line feed and claims; they are signed here, so that the search reaches
// what comes behind the signature. Properties: a token is judged alike twice; what is accepted
// names a user that may exist, with dates in range; with a bit of its MAC flipped it is refused.
#include "property.hpp"

#include <latchkey/base/base64url.hpp>
#include <latchkey/base/ids.hpp>
#include <latchkey/token/verifier.hpp>

#include <array>
#include <string>

using namespace latchkey;
using namespace latchkey::token;

namespace {

void check_dates_in_range(TokenDates const& dates) {
    for (auto const& date : {dates.expires_at, dates.not_before, dates.issued_at}) {
        fuzz::require(!date || is_in_range(*date));
    }
}

/// What was found, in memory of its own.
struct Judgement {
    bool accepted = false;
    TokenError error{};
    std::string user_id;
    TokenDates dates;

    bool operator==(Judgement const&) const = default;
};

Judgement judge(Verifier& verifier, std::string const& text, std::span<HmacKey const> keys) {
    auto const parts = CompactToken::parse(text);
    if (!parts) {
        return {.accepted = false, .error = parts.error(), .user_id = {}, .dates = {}};
    }
    auto const verified = verifier.verify(*parts, keys);
    if (!verified) {
        return {.accepted = false, .error = verified.error(), .user_id = {}, .dates = {}};
    }
    if (auto const* const user = std::get_if<UserClaims>(&verified->claims)) {
        fuzz::require(is_user_id(user->user_id) || user->user_id == kAnonymousUserId);
        return {.accepted = true,
                .error = {},
                .user_id = std::string(user->user_id),
                .dates = user->dates};
    }
    return {.accepted = true,
            .error = {},
            .user_id = {},
            .dates = std::get<ServerClaims>(verified->claims).dates};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static std::array const keys{HmacKey("another secret"), HmacKey("the secret of this target")};
    static Verifier verifier;
    auto const input = fuzz::text_of(data, size);
    auto const line_feed = std::min(input.find('\n'), size);
    auto const claims = input.substr(std::min(line_feed + 1, size));
    auto const signed_part =
        base64url::encode(input.substr(0, line_feed)) + '.' + base64url::encode(claims);
    auto mac = keys[1].mac(signed_part);
    auto const text = signed_part + '.' + base64url::encode(mac);

    auto const judgement = judge(verifier, text, keys);
    fuzz::require(judge(verifier, text, keys) == judgement);
    check_dates_in_range(judgement.dates);
    mac[size % mac.size()] ^= 1;
    fuzz::require(!judge(verifier, signed_part + '.' + base64url::encode(mac), keys).accepted);
    return 0;
}
