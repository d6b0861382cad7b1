#include "signing.hpp"

#include <latchkey/token/issue.hpp>
#include <latchkey/token/token_verifier.hpp>
#include <latchkey/token/validity.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<long> allocations{0};

}  // namespace

// Count what the program takes from the heap. The other forms of operator new call these; simdjson
// calls the second. Not inlined, or the compiler sees malloc paired with delete, and warns.
[[gnu::noinline]] void* operator new(std::size_t size) {
    ++allocations;
    if (void* const memory = std::malloc(size)) {
        return memory;
    }
    throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, std::nothrow_t const&) noexcept {
    ++allocations;
    return std::malloc(size);
}
// NOLINTBEGIN(clang-analyzer-cplusplus.NewDelete): takes this free for a second one
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
// NOLINTEND(clang-analyzer-cplusplus.NewDelete)

namespace latchkey::token {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNow{1767225600s};

TEST(Verify, AllocatesNothing) {
    auto const many = [] {
        std::string claims = R"({"user_id":"john","role":"\u0061dmin","exp":1767229200.5)";
        for (int i = 0; i < 120; ++i) {
            claims += ",\"claim-" + std::to_string(i) + "\":[{\"\\u00e9\":[1.5e3,null]}]";
        }
        return test::sign(R"({"alg":"HS256","kid":"1"})", claims + '}');
    }();
    std::array const texts{test::sign_claims(R"({"user_id":"john","iat":1767225600})"),
                           many,
                           test::sign_claims(R"({"server":true})"),
                           test::sign_claims(R"({"user_id":5})"),
                           test::sign("[]", "{}"),
                           make_developer_token(*UserId::parse("john"))};
    std::array const keys{HmacKey("another secret"), HmacKey(test::kSecret)};
    Verifier verifier;
    int users = 0;
    auto const before = allocations.load();
    for (auto const& text : texts) {
        auto const token = CompactToken::parse(text);
        auto const verified = verifier.verify(*token, keys);
        if (verified && std::holds_alternative<UserClaims>(verified->claims)) {
            auto const& user = std::get<UserClaims>(verified->claims);
            users += check_validity(user, {.user = kNow}, kNow, kClockSkewMax) ? 1 : 2;
        }
        users += verifier.read_developer_token(*token) ? 10 : 0;
    }
    auto const after = allocations.load();
    EXPECT_EQ(after - before, 0);
    EXPECT_EQ(users, 33) << "one valid, one revoked, three that read as developer tokens";
}

TEST(TokenVerifierVerify, AllocatesNothingForShortIdsOnceTheThreadHasCalledIt) {
    auto const text = test::sign_claims(R"({"user_id":"john","role":"admin"})");
    TokenVerifier const first{Secret(std::string(test::kSecret))};
    TokenVerifier const second{Secret("another secret")};
    ASSERT_TRUE(first.verify(text, kNow));
    auto const before = allocations.load();
    bool const accepted = first.verify(text, kNow).has_value();
    bool const refused = !second.verify(text, kNow).has_value();
    auto const after = allocations.load();
    EXPECT_EQ(after - before, 0);
    EXPECT_TRUE(accepted && refused);
}

TEST(OperatorNew, IsTheCountingOneInThisProgram) {
    auto const before = allocations.load();
    auto const text = std::string(100, 'x');
    EXPECT_EQ(text.size(), 100U);
    EXPECT_GT(allocations.load(), before);
}

}  // namespace
}  // namespace latchkey::token
