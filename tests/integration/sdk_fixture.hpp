#pragma once

#include "support/real_server.hpp"
#include "support/tcp_socket.hpp"

#include <latchkey/base/clock.hpp>
#include <latchkey/sdk/server_client.hpp>
#include <latchkey/sdk/user_client.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What the tests of the SDK share that drive the real program, or a scripted peer, through the
/// public headers alone.
namespace latchkey::test {

/// 0: no error.
template <class T>
int code_of(sdk::Result<T> const& result) {
    return result ? 0 : result.error().code;
}

/// Waits for the conditions of a test on other threads' doings, each with a deadline. What changes
/// them is done in `change`.
class Monitor {
public:
    template <class Change>
    void change(Change change) {
        std::scoped_lock const lock(mutex_);
        change();
        changed_.notify_all();
    }
    /// False: it did not hold in as long as a test waits.
    template <class Condition>
    [[nodiscard]] bool wait(Condition condition) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, kGenerous, std::move(condition));
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
};

/// A backend's token endpoint: counts the questions, and can be held up. Its end waits for the
/// answer under way, for clients do not.
class Provider {
public:
    using Answer = std::function<std::expected<std::string, std::string>(std::string_view user_id,
                                                                         int question)>;

    /// `answer` gets the number of the question, 1 for the first.
    explicit Provider(Answer answer) : shared_(std::make_shared<Shared>()) {
        shared_->answer = std::move(answer);
    }
    ~Provider() {
        release();
        shared_->monitor.change([this] { shared_->closed = true; });
        EXPECT_TRUE(shared_->monitor.wait([this] { return shared_->answering == 0; }));
    }
    Provider(Provider const&) = delete;
    Provider& operator=(Provider const&) = delete;

    [[nodiscard]] sdk::TokenProvider function() const {
        return [shared = shared_](std::string_view user_id) { return shared->ask(user_id); };
    }
    /// Questions behind that one get no answer until `release`.
    void hold_after(int question) const {
        shared_->monitor.change([&] { shared_->answered_max = question; });
    }
    void release() const { hold_after(kNeverHeld); }
    [[nodiscard]] bool wait_for_questions(int count) const {
        return shared_->monitor.wait([&] { return shared_->questions >= count; });
    }
    [[nodiscard]] int questions() const {
        int count = 0;
        shared_->monitor.change([&] { count = shared_->questions; });
        return count;
    }

private:
    static constexpr int kNeverHeld = 1'000'000;

    struct Shared {
        Answer answer;
        Monitor monitor;
        int questions = 0;
        int answered_max = kNeverHeld;
        int answering = 0;
        bool closed = false;

        std::expected<std::string, std::string> ask(std::string_view user_id) {
            int question = 0;
            monitor.change([&] {
                if (!closed) {
                    question = ++questions;
                    ++answering;
                }
            });
            if (question == 0) {
                return std::unexpected("the test is over");
            }
            struct Guard {
                Shared& shared;
                ~Guard() {
                    shared.monitor.change([this] { --shared.answering; });
                }
            } const guard{*this};  // however the answer ends
            (void)monitor.wait([&] { return question <= answered_max; });
            return answer(user_id, question);
        }
    };
    std::shared_ptr<Shared> shared_;
};

/// The states that a client goes through, in their order.
class States {
public:
    explicit States(UserClient& client) {
        client.on_state([shared = shared_](sdk::SessionState state) {
            shared->monitor.change([&] { shared->seen.push_back(state); });
        });
    }
    /// Waits until it has been in that state since the last of those waited for.
    [[nodiscard]] bool wait_for(sdk::SessionState state) {
        return shared_->monitor.wait([&] {
            while (looked_at_ < shared_->seen.size()) {
                if (shared_->seen[looked_at_++] == state) {
                    return true;
                }
            }
            return false;
        });
    }

private:
    struct Shared {
        Monitor monitor;
        std::vector<sdk::SessionState> seen;
    };
    std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
    std::size_t looked_at_ = 0;
};

/// How calls ended, in the order in which they did.
class Endings {
public:
    struct Ending {
        std::size_t call;  ///< its place among those that were added
        sdk::Result<std::string> result;
    };

    void add(sdk::Call<std::string> call) { note(std::move(call), added_++, shared_); }
    [[nodiscard]] std::size_t added() const { return added_; }
    [[nodiscard]] bool wait_for(std::size_t count) const {
        return shared_->monitor.wait([&] { return shared_->endings.size() >= count; });
    }
    /// All there were so far.
    [[nodiscard]] std::vector<Ending> all() const {
        std::vector<Ending> copy;
        shared_->monitor.change([&] { copy = shared_->endings; });
        return copy;
    }
    /// Waits for all that were added; each has ended once. What they ended with.
    [[nodiscard]] std::vector<sdk::Result<std::string>> wait_for_all() const {
        EXPECT_TRUE(wait_for(added_));
        std::vector<std::optional<sdk::Result<std::string>>> by_call(added_);
        for (auto const& [call, result] : all()) {
            EXPECT_FALSE(by_call.at(call)) << "a call ended twice";
            by_call.at(call) = result;
        }
        std::vector<sdk::Result<std::string>> results;
        for (auto const& result : by_call) {
            EXPECT_TRUE(result.has_value()) << "a call got lost";
            if (result) {
                results.push_back(*result);
            }
        }
        return results;
    }

private:
    struct Shared {
        Monitor monitor;
        std::vector<Ending> endings;
    };
    /// A coroutine that nobody waits for: it ends when its call has.
    struct Detached {
        struct promise_type {  // NOLINT(readability-identifier-naming): the language's name
            Detached get_return_object() noexcept { return {}; }
            std::suspend_never initial_suspend() noexcept { return {}; }
            std::suspend_never final_suspend() noexcept { return {}; }
            void return_void() noexcept {}
            void unhandled_exception() noexcept { std::terminate(); }
        };
    };
    static Detached note(sdk::Call<std::string> call, std::size_t place,
                         std::shared_ptr<Shared> shared) {
        auto result = co_await std::move(call);
        shared->monitor.change(
            [&] { shared->endings.push_back({.call = place, .result = std::move(result)}); });
    }

    std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
    std::size_t added_ = 0;
};

inline sdk::ServerClient::Options backend_of(RealServer const& server) {
    return {.api_key = RealServer::kApiKey,
            .api_secret = Secret(RealServer::kApiSecret),
            .connection = {.base_url = server.url()}};
}

inline UserClient::Options device_of(RealServer const& server) {
    return {.api_key = RealServer::kApiKey, .connection = {.base_url = server.url()}};
}

/// What the server says to a user's token at the doors of a device: a socket and a call. 0: it is
/// good.
inline int code_for(RealServer const& server, std::string const& user_id,
                    std::string const& token) {
    UserClient device(device_of(server));
    auto connecting = device.connect_user({.id = user_id}, token);
    auto calling = device.call("GET", "/api/v2/app", "");
    auto const connected = code_of(std::move(connecting).get());
    auto const called = std::move(calling).get();
    // On a slow machine the socket may have been refused before the call was begun.
    if (called || called.error().kind != sdk::Error::Kind::Stopped) {
        EXPECT_EQ(code_of(called), connected) << "the doors disagree";
    }
    return connected;
}

/// A server in production, its backend, and the time of day.
class OnTheRealServer : public testing::Test {
protected:
    [[nodiscard]] Instant now() const { return clock_.now(); }
    /// Issued before every revocation of a test, and good until one comes.
    [[nodiscard]] std::string old_token(std::string_view user_id) const {
        return backend
            .create_token(user_id, {.expires_in = std::chrono::hours(24),
                                    .issued_at = now() - std::chrono::hours(2)})
            .value();
    }
    [[nodiscard]] int code_for(std::string const& user_id, std::string const& token) const {
        return test::code_for(server, user_id, token);
    }
    void make_users(std::vector<std::string> const& ids) {
        std::vector<sdk::UserRequest> users;
        users.reserve(ids.size());
        for (auto const& id : ids) {
            users.push_back({.id = id});
        }
        ASSERT_TRUE(backend.upsert_users(users).get());
    }

    RealServer server;
    ServerClient backend{backend_of(server)};

private:
    SystemClock clock_;
};

}  // namespace latchkey::test
