#include <latchkey/sdk/user_client.hpp>

#include "sdk/net_network.hpp"
#include "sdk/user_client_core.hpp"

#include <latchkey/base/clock.hpp>
#include <latchkey/base/ids.hpp>
#include <latchkey/base/random_source.hpp>
#include <latchkey/token/issue.hpp>

#include <stdexcept>
#include <utility>

namespace latchkey::sdk {
namespace {

std::unique_ptr<Network> make_checked_network(ConnectionOptions const& options) {
    auto network = make_network(options);
    if (!network) {
        throw std::invalid_argument(network.error());
    }
    return *std::move(network);
}

}  // namespace

/// The world as it is, and what lives in it.
struct UserClient::Parts {
    explicit Parts(Options const& options)
        : core(options, make_checked_network(options.connection), clock, random) {}

    SystemClock clock;
    SystemRandomSource random;
    UserClientCore core;
};

UserClient::UserClient(Options const& options) : parts_(std::make_unique<Parts>(options)) {}
UserClient::~UserClient() = default;

Call<User> UserClient::connect_user(UserRequest const& user, TokenSource token) {
    return parts_->core.connect_user(user, std::move(token));
}

Call<User> UserClient::connect_guest(UserRequest const& user) {
    return parts_->core.connect_guest(user);
}

Call<Done> UserClient::connect_anonymous() { return parts_->core.connect_anonymous(); }

std::string UserClient::dev_token(std::string_view user_id) {
    auto const id = UserId::parse(user_id);
    if (!id) {
        throw std::invalid_argument("a user id has 1 to 255 of the letters, digits, @, _ and -");
    }
    return token::make_developer_token(*id);
}

Call<Done> UserClient::disconnect() { return parts_->core.disconnect(); }

Call<std::string> UserClient::call(std::string_view method, std::string_view path,
                                   std::string_view body) {
    return parts_->core.call(
        {.method = std::string(method), .path = std::string(path), .body = std::string(body)});
}

void UserClient::on(std::string_view type, EventHandler handler) {
    parts_->core.on(type, std::move(handler));
}

void UserClient::on_state(StateHandler handler) { parts_->core.on_state(std::move(handler)); }

SessionState UserClient::state() const { return parts_->core.state(); }

std::optional<Error> UserClient::last_error() const { return parts_->core.last_error(); }

std::chrono::milliseconds UserClient::clock_skew() const { return parts_->core.clock_skew(); }

}  // namespace latchkey::sdk
