#pragma once

#include "sdk/user_session.hpp"
#include "support/fake_network.hpp"
#include "support/manual_clock.hpp"
#include "support/seeded_random.hpp"

#include <latchkey/token/hmac_key.hpp>
#include <latchkey/token/issue.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace latchkey::sdk {

using namespace std::chrono_literals;

inline constexpr Instant kNow{std::chrono::seconds{1'767'225'600}};

/// A token for that user; `issued` makes it differ from others.
inline std::string make_token(std::string_view user_id, int issued = 0,
                              std::optional<Instant> expires_at = std::nullopt) {
    return token::issue_user_token({.user_id = UserId::parse(user_id).value(),
                                    .issued_at = kNow + std::chrono::seconds(issued),
                                    .expires_at = expires_at},
                                   token::HmacKey(std::string(64, 's')));
}

inline std::string error_json(int code, int status) {
    return R"({"code":)" + std::to_string(code) + R"(,"message":"m)" + std::to_string(code) +
           R"(","StatusCode":)" + std::to_string(status) + R"(,"details":[]})";
}

inline std::string error_frame(int code, int status) {
    return R"({"type":"connection.error","connection_id":"","error":)" + error_json(code, status) +
           '}';
}

inline std::string greeting(std::string_view user_id) {
    return R"({"type":"connection.ok","connection_id":"c","me":{"id":")" + std::string(user_id) +
           R"(","role":"user","name":"John","online":true,"custom":{"color":"blue"}}})";
}

/// What a test sees of a provider, and answers in its place.
struct Provider {
    std::vector<std::string> questions;  ///< whom a token was asked for
    TokenAsker::Answered answered;

    /// False: nobody waits for an answer.
    bool answer(ProvidedToken token) {
        if (!answered) {
            return false;
        }
        std::exchange(answered, nullptr)(std::move(token));
        return true;
    }
    bool fail(std::string text = "no token today") {
        return answer(std::unexpected(std::move(text)));
    }
};

class AskerOfTest final : public TokenAsker {
public:
    explicit AskerOfTest(std::shared_ptr<Provider> provider) : provider_(std::move(provider)) {}
    ~AskerOfTest() override { provider_->answered = nullptr; }
    AskerOfTest(AskerOfTest const&) = delete;
    AskerOfTest& operator=(AskerOfTest const&) = delete;
    void ask(std::string const& user_id, Answered answered) override {
        EXPECT_FALSE(provider_->answered) << "the provider is promised one call at a time";
        provider_->questions.push_back(user_id);
        provider_->answered = std::move(answered);
    }

private:
    std::shared_ptr<Provider> provider_;
};

class RecordingListener final : public SessionListener {
public:
    void on_changed(SessionState state, std::optional<Error> const& last_error) override {
        if (states.empty() || states.back() != state) {
            states.push_back(state);
        }
        error = last_error;
    }
    void on_event(Event const& event) override { events.push_back(event.type); }

    std::vector<SessionState> states;
    std::optional<Error> error;
    std::vector<std::string> events;
};

class SessionTest : public testing::Test {
protected:
    static constexpr std::chrono::seconds kDeadline{10};

    TokenManager::Source with_provider() { return std::make_unique<AskerOfTest>(provider); }

    void connect(TokenManager::Source source, std::chrono::milliseconds deadline = kDeadline) {
        session.connect_user({.id = "john", .name = "John"}, std::move(source),
                             clock.monotonic() + deadline,
                             [this](Result<User> result) { connected = std::move(result); });
    }
    /// Online with a provider, which was asked once for it.
    void go_online() {
        connect(with_provider());
        ASSERT_TRUE(provider->answer(make_token("john")));
        greet();
        ASSERT_EQ(session.state(), SessionState::Online);
        ASSERT_TRUE(connected && *connected);
    }
    void greet() {
        ASSERT_TRUE(fake.last_socket().open());
        ASSERT_TRUE(fake.last_socket().text(greeting("john")));
    }
    void refuse_handshake(int code, int status) {
        ASSERT_TRUE(fake.last_socket().open());
        ASSERT_TRUE(fake.last_socket().text(error_frame(code, status)));
    }
    void stay(std::chrono::seconds length) {
        for (auto left = length; left > 0s; left -= 20s) {
            fake.advance(std::min(left, std::chrono::seconds{20}));
            ASSERT_TRUE(fake.last_socket().text(R"({"type":"health.check"})"));
        }
    }
    /// Moves time until there is one more socket. How long it took; empty: longer than `max`.
    std::optional<std::chrono::milliseconds> wait_for_socket(std::chrono::seconds max = 30s) {
        auto const sockets = fake.socket_count();
        auto const begin = clock.monotonic();
        while (fake.socket_count() == sockets) {
            if (clock.monotonic() - begin > max) {
                return std::nullopt;
            }
            fake.advance(1ms);
        }
        return std::chrono::round<std::chrono::milliseconds>(clock.monotonic() - begin);
    }
    /// Its index in `results`.
    std::size_t call(std::string method = "GET", std::string path = "/api/v2/app",
                     std::string body = "") {
        auto const index = results.size();
        results.emplace_back();
        session.call(
            {.method = std::move(method), .path = std::move(path), .body = std::move(body)},
            clock.monotonic() + call_deadline, [this, index](Result<std::string> result) {
                ASSERT_FALSE(results[index]) << "a call ends once";
                results[index] = std::move(result);
                ended.push_back(index);
            });
        return index;
    }
    [[nodiscard]] Error error_of(std::size_t index) const {
        auto const& result = results.at(index);
        if (!result || *result) {
            ADD_FAILURE() << "call " << index << (result ? " succeeded" : " has not ended");
            return {.kind = Error::Kind::BadAnswer};
        }
        return result->error();
    }
    [[nodiscard]] bool succeeded(std::size_t index) const {
        return results.at(index) && results.at(index)->has_value();
    }

    std::chrono::seconds call_deadline = kDeadline;
    test::ManualClock clock{kNow};
    test::SeededRandom random;
    test::FakeNetwork fake{clock};
    std::unique_ptr<Network> network = fake.port();
    ServerClock server_clock{clock};
    RecordingListener listener;
    std::shared_ptr<Provider> provider = std::make_shared<Provider>();
    std::optional<Result<User>> connected;
    std::vector<std::optional<Result<std::string>>> results;
    std::vector<std::size_t> ended;  ///< indexes of calls, in the order in which they ended
    UserSession session{SessionWorld{.network = *network,
                                     .clock = clock,
                                     .random = random,
                                     .server_clock = server_clock,
                                     .api_key = "key"},
                        listener};
};

}  // namespace latchkey::sdk
