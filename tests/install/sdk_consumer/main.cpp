// A backend of somebody else's: it includes every header that was installed, and links both
// clients. No server is there.
#include "every_header.hpp"

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>

namespace {

using namespace std::chrono_literals;

// Nothing listens on it: the calls below end before anything is sent.
constexpr char const* kBaseUrl = "https://127.0.0.1:1/prefix";

bool mints_and_verifies() {
    latchkey::ServerClient const backend(
        {.api_key = "key-1",
         .api_secret = latchkey::Secret("a-secret-of-the-tests-32-bytes-long"),
         .connection = {.base_url = kBaseUrl}});
    auto const token = backend.create_token("john", {.expires_in = 60s});
    auto const verified = token ? backend.verify_token(*token)
                                : latchkey::sdk::Result<latchkey::sdk::VerifiedToken>{};
    auto const refused = backend.verify_token("nonsense");
    return verified && verified->user_id == "john" && !refused && refused.error().code == 5;
}

bool refuses_a_token_of_another_user() {
    latchkey::UserClient client({.api_key = "key-1", .connection = {.base_url = kBaseUrl}});
    auto const user =
        client.connect_user({.id = "john"}, latchkey::UserClient::dev_token("jane")).get();
    return !user && user.error().kind == latchkey::sdk::Error::Kind::InvalidArgument;
}

}  // namespace

int main() {
    bool const right = mints_and_verifies() && refuses_a_token_of_another_user();
    std::cout << (right ? "right\n" : "wrong\n");
    return right ? EXIT_SUCCESS : EXIT_FAILURE;
}
