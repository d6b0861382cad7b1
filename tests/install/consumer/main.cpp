// A service of somebody else's: it includes every header that was installed, and uses the library.
#include "every_header.hpp"

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>

int main() {
    using namespace std::chrono_literals;
    constexpr latchkey::Instant kNow{1767225600s};
    std::string const secret = "a-secret-of-the-tests-32-bytes-long";
    auto const token = latchkey::token::issue_user_token(
        {.user_id = *latchkey::UserId::parse("john"), .issued_at = kNow, .expires_at = kNow + 1h},
        latchkey::token::HmacKey(secret));

    latchkey::TokenVerifier const verifier{latchkey::Secret(secret)};
    auto const identity = verifier.verify(token, kNow);
    auto const late = verifier.verify(token, kNow + 1h);
    bool const right = identity && identity->user_id == "john" && !late &&
                       verifier.describe(late.error()).rule == "expired";
    std::cout << (right ? "verified\n" : "judged wrongly\n");
    return right ? EXIT_SUCCESS : EXIT_FAILURE;
}
