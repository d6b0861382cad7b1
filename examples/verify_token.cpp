// Verifies a token, as a service does that holds the App's secret, and says who it speaks for, or
// why it is refused. No server is asked.
//
//     STREAM_API_SECRET=... verify_token TOKEN
//
// Ends with 0 where the token is good, with 1 where it is not. STREAM_API_KEY may name the App: the
// text for a wrong signature then says which secret was expected.

#include <latchkey/base/clock.hpp>
#include <latchkey/base/rfc3339.hpp>
#include <latchkey/base/secret.hpp>
#include <latchkey/token/token_verifier.hpp>

#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>

namespace {

using latchkey::Secret;
using latchkey::SystemClock;
using latchkey::TokenVerifier;
using latchkey::VerifiedIdentity;

constexpr int kUsageError = 2;

/// Read once, before there is any thread. Empty where it is not set.
std::string environment(char const* name) {
    char const* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
    return value == nullptr ? "" : value;
}

void print(VerifiedIdentity const& identity) {
    if (identity.kind == VerifiedIdentity::Kind::Server) {
        std::cout << "the backend";
    } else {
        std::cout << "user " << identity.user_id;
    }
    if (!identity.role.empty()) {
        std::cout << ", role " << identity.role;
    }
    std::cout << (identity.expires_at ? ", until " + latchkey::format_rfc3339(*identity.expires_at)
                                      : ", without end")
              << '\n';
}

}  // namespace

int main(int argc, char** argv) {
    std::string secret_text = environment("STREAM_API_SECRET");
    if (argc != 2 || secret_text.empty()) {
        std::cerr << "usage: STREAM_API_SECRET=... verify_token TOKEN\n";
        return kUsageError;
    }
    std::string const token = argv[1];

    // [verify]
    // One for the whole process: any number of threads may use it at once.
    TokenVerifier const verifier(Secret(std::move(secret_text)), environment("STREAM_API_KEY"));

    auto const identity = verifier.verify(token, SystemClock().now());
    if (!identity) {
        auto const refusal = verifier.describe(identity.error());
        std::cout << refusal.code << ' ' << refusal.rule << ": " << refusal.message << '\n';
        return EXIT_FAILURE;
    }
    print(*identity);
    // [/verify]
    return EXIT_SUCCESS;
}
