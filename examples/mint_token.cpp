// Mints a token: what a backend does for a user who has logged in. No server is asked.
//
//     STREAM_API_SECRET=... mint_token john          a token for an hour
//     STREAM_API_SECRET=... mint_token john 60       for 60 seconds
//     STREAM_API_SECRET=... mint_token --server      one for the backend itself
//
// The secret comes in the environment: everybody on the machine can read command lines.

#include <latchkey/base/clock.hpp>
#include <latchkey/base/ids.hpp>
#include <latchkey/token/hmac_key.hpp>
#include <latchkey/token/issue.hpp>

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>

namespace {

constexpr int kUsageError = 2;
constexpr std::chrono::seconds kValidityMax = std::chrono::years(100);

int fail(std::string_view why) {
    std::cerr << "mint_token: " << why << '\n';
    return kUsageError;
}

/// Empty where `text` is no number of seconds that a token may live.
std::optional<std::chrono::seconds> parse_validity(std::string_view text) {
    std::chrono::seconds::rep seconds = 0;
    auto const* const end = std::to_address(text.end());
    auto const [stop, error] = std::from_chars(std::to_address(text.begin()), end, seconds);
    if (error != std::errc() || stop != end || seconds < 1 || seconds > kValidityMax.count()) {
        return std::nullopt;
    }
    return std::chrono::seconds(seconds);
}

}  // namespace

int main(int argc, char** argv) {
    namespace token = latchkey::token;
    // Read once, before there is any thread.
    char const* const secret = std::getenv("STREAM_API_SECRET");  // NOLINT(concurrency-mt-unsafe)
    if (secret == nullptr || *secret == '\0') {
        return fail("STREAM_API_SECRET is not set");
    }
    if (argc < 2 || argc > 3) {
        return fail("usage: mint_token USER_ID [SECONDS], or mint_token --server");
    }
    latchkey::Instant const now = latchkey::SystemClock().now();
    token::HmacKey const key(secret);
    if (argc == 2 && argv[1] == std::string_view("--server")) {
        std::cout << token::issue_server_token(key, now) << '\n';
        return EXIT_SUCCESS;
    }

    auto const user_id = latchkey::UserId::parse(argv[1]);
    if (!user_id) {
        return fail("a user id has 1 to 255 of the characters a-z, A-Z, 0-9, @, _ and -");
    }
    auto const validity = argc == 3 ? parse_validity(argv[2]) : token::kDefaultValidity;
    if (!validity) {
        return fail("a token lives 1 second to 100 years");
    }
    // [mint]
    // `now` is rounded up to the second, so that a revocation of this very instant spares it.
    std::cout << token::issue_user_token(
                     {.user_id = *user_id, .issued_at = now, .expires_at = now + *validity}, key)
              << '\n';
    // [/mint]
    return EXIT_SUCCESS;
}
