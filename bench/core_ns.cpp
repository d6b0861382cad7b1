// core_ns TOKEN_FILE: nanoseconds to verify the token in the file, all checks made, as `ns=NUMBER`,
// for a harness that compares verifiers. The token is signed with the secret below.
#include <latchkey/base/clock.hpp>
#include <latchkey/token/validity.hpp>
#include <latchkey/token/verifier.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>

namespace {

using namespace latchkey;
using namespace latchkey::token;

constexpr std::string_view kSecret = "this-is-a-32-byte-secret-key-012";
constexpr std::chrono::milliseconds kBudget{200};

bool is_accepted(Verifier& verifier, std::string_view text, std::span<HmacKey const> keys,
                 Instant now) {
    auto const token = CompactToken::parse(text);
    if (!token) {
        return false;
    }
    auto const verified = verifier.verify(*token, keys);
    if (!verified) {
        return false;
    }
    auto const* const user = std::get_if<UserClaims>(&verified->claims);
    return user != nullptr && check_validity(*user, {}, now, kClockSkewMax).has_value();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: core_ns TOKEN_FILE\n", stderr);
        return 2;
    }
    std::ifstream file(argv[1]);
    std::string text;
    std::getline(file, text);
    auto const now = SystemClock().now();
    std::array const keys{HmacKey(kSecret)};
    Verifier verifier;

    using Clock = std::chrono::steady_clock;
    for (long count = 1024;; count *= 2) {
        long accepted = 0;
        auto const begin = Clock::now();
        for (long i = 0; i < count; ++i) {
            accepted += is_accepted(verifier, text, keys, now) ? 1 : 0;
        }
        std::chrono::duration<double, std::nano> const spent = Clock::now() - begin;
        if (accepted != count) {
            std::fputs("core_ns: the token is refused\n", stderr);
            return 1;
        }
        if (spent >= kBudget) {
            std::printf("ns=%.1f\n", spent.count() / static_cast<double>(count));
            return 0;
        }
    }
}
