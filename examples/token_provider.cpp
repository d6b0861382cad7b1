// A backend's endpoint for tokens: whoever has logged in asks it for a token, and asks again when
// that has expired or was revoked.
//
//     STREAM_BASE_URL=... STREAM_API_KEY=... STREAM_API_SECRET=... token_provider [PORT [SECONDS]]
//
// Without a port, or with 0, it takes a free one; SECONDS is how long its tokens live (an hour). It
// prints where it listens, on this machine only, and runs until Ctrl-C:
//
//     curl -X POST -H 'Authorization: Bearer session-of-john' http://127.0.0.1:PORT/token

#include "plain_http.hpp"

#include <latchkey/sdk/server_client.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace {

constexpr int kUsageError = 2;
constexpr std::uint32_t kPortMax = 65'535;
constexpr std::chrono::seconds kDefaultLifetime = std::chrono::hours(1);
constexpr std::uint32_t kLifetimeMax = 86'400;  // seconds

/// Who has logged in. Your backend knows that from its own sessions: the user is never taken from
/// the request, or everybody could have everybody's token.
struct Session {
    std::string_view secret;
    std::string_view user_id;
};
constexpr std::array kSessions{Session{.secret = "session-of-john", .user_id = "john"},
                               Session{.secret = "session-of-jane", .user_id = "jane"}};

// [token_endpoint]
example::Response answer(latchkey::ServerClient const& backend, std::chrono::seconds lifetime,
                         example::Request const& request) {
    auto const* const session = std::ranges::find(kSessions, request.bearer, &Session::secret);
    if (session == kSessions.end()) {
        return {.status = 401, .json = R"({"error":"log in first"})"};
    }
    auto const token = backend.create_token(session->user_id, {.expires_in = lifetime});
    if (!token) {
        return {.status = 500, .json = R"({"error":"no token can be made"})"};
    }
    return {.status = 200, .json = R"({"token":")" + *token + R"("})"};
}
// [/token_endpoint]

example::Response route(latchkey::ServerClient const& backend, std::chrono::seconds lifetime,
                        example::Request const& request) {
    if (request.path != "/token") {
        return {.status = 404, .json = R"({"error":"there is POST /token only"})"};
    }
    if (request.method != "POST") {
        return {.status = 405, .json = R"({"error":"there is POST /token only"})"};
    }
    return answer(backend, lifetime, request);
}

/// Empty where `text` is no number of that range.
std::optional<std::uint32_t> parse_number(std::string_view text, std::uint32_t min,
                                          std::uint32_t max) {
    std::uint32_t number = 0;
    auto const* const end = std::to_address(text.end());
    auto const [stop, error] = std::from_chars(std::to_address(text.begin()), end, number);
    if (error != std::errc() || stop != end || number < min || number > max) {
        return std::nullopt;
    }
    return number;
}

[[noreturn]] void serve(std::uint16_t port, std::chrono::seconds lifetime) {
    // Nothing is sent to the server: tokens are made here, with the secret.
    auto const backend = latchkey::ServerClient::from_environment();
    example::Endpoint endpoint(port);
    std::cout << "http://127.0.0.1:" << endpoint.port() << "/token\n" << std::flush;
    while (true) {
        endpoint.serve_one([&backend, lifetime](example::Request const& request) {
            return route(backend, lifetime, request);
        });
    }
}

}  // namespace

int main(int argc, char** argv) {
    auto const port = argc > 1 ? parse_number(argv[1], 0, kPortMax) : 0;
    auto const lifetime = argc > 2 ? parse_number(argv[2], 1, kLifetimeMax)
                                   : static_cast<std::uint32_t>(kDefaultLifetime.count());
    if (argc > 3 || !port || !lifetime) {
        std::cerr << "usage: token_provider [PORT [SECONDS]], a token lives 1 to 86400 seconds\n";
        return kUsageError;
    }
    try {
        serve(static_cast<std::uint16_t>(*port), std::chrono::seconds(*lifetime));
    } catch (std::exception const& failure) {
        std::cerr << "token_provider: " << failure.what() << '\n';
        return kUsageError;
    }
}
