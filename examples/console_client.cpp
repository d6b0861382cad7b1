// A user's client that stays connected while its tokens expire and are revoked. It prints what
// state it is in and what happens, and calls the server once a second, until Enter, Ctrl-C or the
// end of its input.
//
//     SESSION=session-of-john console_client BASE_URL API_KEY USER_ID TOKEN_ENDPOINT
//
// TOKEN_ENDPOINT is what token_provider printed, SESSION what shows it who has logged in; that
// comes in the environment, because everybody on the machine can read command lines.

#include "plain_http.hpp"

#include <latchkey/sdk/user_client.hpp>

#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <expected>
#include <iostream>
#include <string>
#include <string_view>
#include <syncstream>

namespace {

using latchkey::sdk::Error;
using latchkey::sdk::Event;
using latchkey::sdk::SessionState;

constexpr int kUsageError = 2;

/// A line whole, whichever thread says it.
void say(std::string_view line) { std::osyncstream(std::cout) << line << '\n' << std::flush; }

std::string_view name_of(SessionState state) {
    switch (state) {
        case SessionState::Offline: return "offline";
        case SessionState::Connecting: return "connecting";
        case SessionState::WaitingForToken: return "waiting for a token";
        case SessionState::Online: return "online";
        case SessionState::Failed: return "failed";
    }
    return "unknown";
}

std::string describe(Error const& error) {
    return error.message + " (code " + std::to_string(error.code) + ')';
}

// [token_provider]
/// Runs on a thread of the client's, so it may take its time. The error is shown to the user.
std::expected<std::string, std::string> fetch_token(std::string const& endpoint,
                                                    std::string const& session) {
    say("asking for a token");
    auto const answer = example::post(endpoint, session);
    if (!answer) {
        return std::unexpected(answer.error());
    }
    constexpr std::string_view kBefore = R"({"token":")";
    constexpr std::string_view kBehind = R"("})";
    if (!answer->starts_with(kBefore) || !answer->ends_with(kBehind)) {
        return std::unexpected("the token endpoint answered without a token");
    }
    return answer->substr(kBefore.size(), answer->size() - kBefore.size() - kBehind.size());
}
// [/token_provider]

/// Ctrl-C, seen only while this program waits: no other moment needs to expect it.
class Interrupts {
public:
    /// Before there is any other thread: they inherit what is blocked.
    Interrupts() {
        struct sigaction ignore{};
        ignore.sa_handler = [](int) {};
        sigset_t blocked;
        ::sigemptyset(&blocked);
        for (int const signal : {SIGINT, SIGTERM}) {
            ::sigaction(signal, &ignore, nullptr);
            ::sigaddset(&blocked, signal);
        }
        ::pthread_sigmask(SIG_BLOCK, &blocked, &usual_);
    }

    /// Waits a second. False where the user wants to end.
    [[nodiscard]] bool wait_a_second() const {
        pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
        timespec const second{.tv_sec = 1, .tv_nsec = 0};
        return ::ppoll(&input, 1, &second, &usual_) == 0;
    }

private:
    sigset_t usual_{};
};

int run(Interrupts const& interrupts, std::string const& base_url, std::string const& api_key,
        std::string const& user_id, std::string const& endpoint, std::string const& session) {
    // [user_client]
    latchkey::UserClient client({.api_key = api_key, .connection = {.base_url = base_url}});
    client.on_state([](SessionState state) { say(name_of(state)); });
    client.on("", [](Event const& event) { say("event " + event.type); });

    auto const provider = [=](std::string_view) { return fetch_token(endpoint, session); };
    auto const user = client.connect_user({.id = user_id}, provider).get();
    if (!user) {
        say("not connected: " + describe(user.error()));
        return EXIT_FAILURE;
    }
    say("connected as " + user->id);
    // [/user_client]

    // [call]
    do {
        auto const answer = client.call("GET", "/api/v2/app", "").get();
        say(answer ? "call answered" : "call failed: " + describe(answer.error()));
    } while (client.state() != SessionState::Failed && interrupts.wait_a_second());
    // [/call]
    if (client.state() == SessionState::Failed) {
        return EXIT_FAILURE;
    }
    auto const done = client.disconnect().get();
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
    // Read once, before there is any thread.
    char const* const session = std::getenv("SESSION");  // NOLINT(concurrency-mt-unsafe)
    if (argc != 5 || session == nullptr) {
        std::cerr << "usage: SESSION=... console_client BASE_URL API_KEY USER_ID TOKEN_ENDPOINT\n";
        return kUsageError;
    }
    try {
        return run(Interrupts(), argv[1], argv[2], argv[3], argv[4], session);
    } catch (std::exception const& failure) {
        std::cerr << "console_client: " << failure.what() << '\n';
        return kUsageError;
    }
}
