#include <latchkey/token/issue.hpp>
#include <latchkey/token/token_verifier.hpp>
#include <latchkey/token/validity.hpp>
#include <latchkey/token/verifier.hpp>

#include <benchmark/benchmark.h>

#include <array>
#include <chrono>
#include <string>

namespace {

using namespace latchkey;
using namespace latchkey::token;
using namespace std::chrono_literals;

constexpr std::string_view kSecret = "this-is-a-32-byte-secret-key-012";
constexpr Instant kNow{1767225600s};

/// 151 bytes: `user_id`, `iat` and `exp`.
std::string john(HmacKey const& key) {
    return issue_user_token(
        {.user_id = *UserId::parse("john"), .issued_at = kNow - 100s, .expires_at = kNow + 240h},
        key);
}

/// The floor: nothing but the MAC over what was signed.
void BM_BareHmac(benchmark::State& state) {
    HmacKey const key(kSecret);
    auto const text = john(key);
    auto const input = CompactToken::parse(text)->signing_input();
    for (auto _ : state) {
        benchmark::DoNotOptimize(key.mac(input));
    }
}
BENCHMARK(BM_BareHmac);

void verify(benchmark::State& state, std::string const& text, HmacKey key, bool accepted) {
    std::array const keys{std::move(key)};
    Verifier verifier;
    for (auto _ : state) {
        auto const verified = verifier.verify(*CompactToken::parse(text), keys);
        auto const valid = verified && check_validity(std::get<UserClaims>(verified->claims), {},
                                                      kNow, kClockSkewMax);
        if (valid != accepted) {
            return state.SkipWithError("the token is judged wrongly");
        }
    }
}

void BM_Verify(benchmark::State& state) {
    verify(state, john(HmacKey(kSecret)), HmacKey(kSecret), true);
}
BENCHMARK(BM_Verify);

void BM_VerifyRefused(benchmark::State& state) {
    verify(state, john(HmacKey("another secret")), HmacKey(kSecret), false);
}
BENCHMARK(BM_VerifyRefused);

/// What `TokenVerifier` adds: the thread's workspace, and owned texts.
void BM_TokenVerifier(benchmark::State& state) {
    auto const text = john(HmacKey(kSecret));
    TokenVerifier const verifier{Secret(std::string(kSecret))};
    for (auto _ : state) {
        auto const identity = verifier.verify(text, kNow);
        if (!identity) {
            return state.SkipWithError("the token is refused");
        }
        benchmark::DoNotOptimize(*identity);
    }
}
BENCHMARK(BM_TokenVerifier)->ThreadRange(1, 2);

void BM_IssueUserToken(benchmark::State& state) {
    HmacKey const key(kSecret);
    for (auto _ : state) {
        benchmark::DoNotOptimize(john(key));
    }
}
BENCHMARK(BM_IssueUserToken);

void BM_ReadDeveloperToken(benchmark::State& state) {
    auto const text = make_developer_token(*UserId::parse("john"));
    Verifier verifier;
    for (auto _ : state) {
        auto const claims = verifier.read_developer_token(*CompactToken::parse(text));
        if (!claims) {
            return state.SkipWithError("the token is refused");
        }
    }
}
BENCHMARK(BM_ReadDeveloperToken);

}  // namespace
