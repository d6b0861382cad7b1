#include "domain/authenticate.hpp"
#include "domain/figures.hpp"
#include "domain/node_state.hpp"
#include "support/seeded_random.hpp"

#include <latchkey/token/hmac_key.hpp>
#include <latchkey/token/issue.hpp>

#include <benchmark/benchmark.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace {

using namespace latchkey;
using namespace latchkey::domain;
using namespace std::chrono_literals;

constexpr std::string_view kSecret = "this-is-a-32-byte-secret-key-012";
constexpr Instant kNow{1767225600s};

/// A node with one App, its decisions made by one loop.
class Node {
public:
    Node() {
        App app{.id = AppId{1},
                .api_key = *ApiKey::parse("key"),
                .name = "app",
                .mode = Mode::Production,
                .secrets = {},
                .created_at = kNow,
                .updated_at = kNow};
        app.secrets.push_back(
            {.id = 1, .secret = Secret(std::string(kSecret)), .created_at = kNow});
        std::array<Change, 1> const changes = {
            {{.sequence = 1, .what = AppChanged{std::make_shared<App const>(std::move(app))}}}};
        state_.apply(changes);
    }
    [[nodiscard]] NodeState const& state() const { return state_; }

private:
    test::SeededRandom random_;
    NodeState state_{2, random_};
};

enum class Counted : bool { No, Yes };

/// The whole decision about a user's token of 151 bytes, node state looked up each time.
void decide(benchmark::State& state, Counted counted) {
    Node const node;
    token::Verifier verifier;
    auto const text = token::issue_user_token(
        {.user_id = *UserId::parse("john"), .issued_at = kNow - 100s, .expires_at = kNow + 240h},
        token::HmacKey(kSecret));
    Credentials const credentials = {.api_key = "key", .auth_type = "jwt", .token = text};
    for (auto _ : state) {
        auto const reader = node.state().read(0);
        auto const* app = reader.find_app(credentials.api_key);
        auto const decision = authenticate(app, credentials, kNow, verifier);
        if (!decision) {
            return state.SkipWithError("the token is refused");
        }
        if (counted == Counted::Yes) {
            app->count(0, decision, kNow);
        }
    }
}

void BM_Decide(benchmark::State& state) { decide(state, Counted::No); }
BENCHMARK(BM_Decide);

void BM_DecideAndCount(benchmark::State& state) { decide(state, Counted::Yes); }
BENCHMARK(BM_DecideAndCount);

}  // namespace
