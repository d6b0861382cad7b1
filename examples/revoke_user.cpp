// Voids every token that a user holds, as a backend does when a device is lost; or takes that back.
//
//     STREAM_BASE_URL=... STREAM_API_KEY=... STREAM_API_SECRET=... revoke_user john
//     STREAM_BASE_URL=... STREAM_API_KEY=... STREAM_API_SECRET=... revoke_user --undo john

#include <latchkey/base/clock.hpp>
#include <latchkey/base/rfc3339.hpp>
#include <latchkey/sdk/server_client.hpp>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <string_view>

namespace {

constexpr int kUsageError = 2;

int revoke_tokens_of(std::string_view user_id) {
    // [server_client]
    auto backend = latchkey::ServerClient::from_environment();

    auto const now = latchkey::SystemClock().now();
    auto const user = backend.revoke_user_token(user_id, now).get();
    if (!user) {
        auto const& error = user.error();
        std::cerr << error.message << " (code " << error.code << ", HTTP " << error.http_status
                  << ", request " << error.request_id << ")\n";
        return EXIT_FAILURE;
    }
    std::cout << "void are " << user->id << "'s tokens issued before "
              << latchkey::format_rfc3339(now) << '\n';
    // [/server_client]
    return EXIT_SUCCESS;
}

int undo_revocation_of(std::string_view user_id) {
    auto backend = latchkey::ServerClient::from_environment();
    auto const user = backend.undo_user_token_revocation(user_id).get();
    if (!user) {
        std::cerr << user.error().message << '\n';
        return EXIT_FAILURE;
    }
    std::cout << "what " << user->id << " holds is good again\n";
    return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
    bool const undoing = argc == 3 && argv[1] == std::string_view("--undo");
    if (argc != 2 && !undoing) {
        std::cerr << "usage: revoke_user [--undo] USER_ID\n";
        return kUsageError;
    }
    try {
        return undoing ? undo_revocation_of(argv[2]) : revoke_tokens_of(argv[1]);
    } catch (std::exception const& failure) {
        std::cerr << "revoke_user: " << failure.what() << '\n';
        return kUsageError;
    }
}
