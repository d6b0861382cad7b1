// Property: a payload that names a user names one that may exist, and what we make for that user is
// read back. The input is the payload's JSON; with a first byte of '!' it is the whole token.
#include "property.hpp"

#include <latchkey/base/base64url.hpp>
#include <latchkey/token/issue.hpp>
#include <latchkey/token/verifier.hpp>

#include <string>

using namespace latchkey;
using namespace latchkey::token;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const input = fuzz::text_of(data, size);
    auto const text = input.starts_with('!') ? std::string(input.substr(1))
                                             : "a." + base64url::encode(input) + ".b";
    auto const parts = CompactToken::parse(text);
    static Verifier verifier;
    if (!parts) {
        return 0;
    }
    if (auto const claims = verifier.read_developer_token(*parts)) {
        auto const user_id = UserId::parse(claims->user_id);
        fuzz::require(user_id.has_value() && claims->role.empty());
        auto const made = make_developer_token(*user_id);
        auto const again = verifier.read_developer_token(*CompactToken::parse(made));
        fuzz::require(again && again->user_id == user_id->text());
    }
    return 0;
}
