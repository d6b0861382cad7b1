#include "sdk/user_client_core.hpp"

#include "sdk/provider_thread.hpp"

#include <latchkey/base/ids.hpp>

#include <stdexcept>
#include <utility>

namespace latchkey::sdk {
namespace {

/// Where the result of a call goes. Dropped without one, by whomever and wherever, the call ends
/// with `Stopped`: no caller waits for ever.
template <class T>
class Ending {
public:
    explicit Ending(std::shared_ptr<typename Call<T>::Promise> promise)
        : promise_(std::move(promise)) {}
    Ending(Ending&&) noexcept = default;
    Ending& operator=(Ending&&) = delete;
    ~Ending() {
        if (promise_ != nullptr) {
            promise_->set(std::unexpected(
                Error{.kind = Error::Kind::Stopped, .message = "the client was destroyed"}));
        }
    }

    void operator()(Result<T> result) { std::exchange(promise_, nullptr)->set(std::move(result)); }

private:
    std::shared_ptr<typename Call<T>::Promise> promise_;
};

std::string checked_api_key(std::string_view text) {
    if (!ApiKey::parse(text)) {
        throw std::invalid_argument("an API key has 1 to 64 letters, digits, _ and -");
    }
    return std::string(text);
}

std::chrono::milliseconds checked_deadline(std::chrono::milliseconds deadline) {
    if (deadline <= std::chrono::milliseconds::zero() || deadline > std::chrono::hours(24)) {
        throw std::invalid_argument("a deadline lies between a millisecond and a day");
    }
    return deadline;
}

}  // namespace

UserClientCore::UserClientCore(UserClient::Options const& options, std::unique_ptr<Network> network,
                               Clock const& clock, RandomSource& random)
    : clock_(clock),
      deadline_(checked_deadline(options.connection.deadline)),
      server_clock_(clock),
      network_(std::move(network)) {
    SessionListener& listener = *this;
    session_ =
        std::make_unique<UserSession>(SessionWorld{.network = *network_,
                                                   .clock = clock,
                                                   .random = random,
                                                   .server_clock = server_clock_,
                                                   .api_key = checked_api_key(options.api_key)},
                                      listener);
    network_->post([this] { detail::client_of_this_thread = this; });
}

UserClientCore::~UserClientCore() {
    network_->stop();
    // Nothing is called any more, so the session may go here. It tells nobody; the calls that it
    // held, and those that had not come to it yet, end as they are dropped.
    session_.reset();
}

template <class T, class Start>
Call<T> UserClientCore::start(Start start) {
    auto promise = std::make_shared<typename Call<T>::Promise>(this);
    network_->post([start = std::move(start), ending = Ending<T>(promise)]() mutable {
        start(std::move(ending));
    });
    return Call<T>(std::move(promise));
}

Call<User> UserClientCore::connect_user(UserRequest const& user, TokenSource token) {
    auto const deadline = clock_.monotonic() + deadline_;
    TokenManager::Source source;
    if (auto* const provider = std::get_if<TokenProvider>(&token)) {
        // Here, where a machine without threads left can be told to the caller.
        source =
            *provider ? std::make_unique<ProviderThread>(std::move(*provider), *network_) : nullptr;
    } else {
        source = std::get<std::string>(std::move(token));
    }
    return start<User>(
        [this, user, source = std::move(source), deadline](Ending<User> ending) mutable {
            session_->connect_user(user, std::move(source), deadline, std::move(ending));
        });
}

Call<User> UserClientCore::connect_guest(UserRequest const& user) {
    return start<User>(
        [this, user, deadline = clock_.monotonic() + deadline_](Ending<User> ending) {
            session_->connect_guest(user, deadline, std::move(ending));
        });
}

Call<Done> UserClientCore::connect_anonymous() {
    return start<Done>([this](Ending<Done> ending) { ending(session_->connect_anonymous()); });
}

Call<Done> UserClientCore::disconnect() {
    return start<Done>([this](Ending<Done> ending) {
        session_->disconnect();
        ending(Done{});
    });
}

Call<std::string> UserClientCore::call(CallRequest call) {
    return start<std::string>(
        [this, call = std::move(call),
         deadline = clock_.monotonic() + deadline_](Ending<std::string> ending) mutable {
            session_->call(std::move(call), deadline, std::move(ending));
        });
}

void UserClientCore::on(std::string_view type, UserClient::EventHandler handler) {
    auto shared = std::make_shared<UserClient::EventHandler>(std::move(handler));
    std::scoped_lock const lock(mutex_);
    event_handlers_.push_back({.type = std::string(type), .handler = std::move(shared)});
}

void UserClientCore::on_state(UserClient::StateHandler handler) {
    auto shared = std::make_shared<UserClient::StateHandler>(std::move(handler));
    std::scoped_lock const lock(mutex_);
    state_handlers_.push_back(std::move(shared));
}

SessionState UserClientCore::state() const {
    std::scoped_lock const lock(mutex_);
    return state_;
}

std::optional<Error> UserClientCore::last_error() const {
    std::scoped_lock const lock(mutex_);
    return last_error_;
}

void UserClientCore::on_changed(SessionState state, std::optional<Error> const& last_error) {
    std::vector<std::shared_ptr<UserClient::StateHandler>> handlers;
    {
        std::scoped_lock const lock(mutex_);
        if (std::exchange(state_, state) != state) {
            handlers = state_handlers_;
        }
        last_error_ = last_error;
    }
    for (auto const& handler : handlers) {  // without the lock: a handler may call the client
        (*handler)(state);
    }
}

void UserClientCore::on_event(Event const& event) {
    std::vector<std::shared_ptr<UserClient::EventHandler>> handlers;
    {
        std::scoped_lock const lock(mutex_);
        for (auto const& [type, handler] : event_handlers_) {
            if (type.empty() || type == event.type) {
                handlers.push_back(handler);
            }
        }
    }
    for (auto const& handler : handlers) {
        (*handler)(event);
    }
}

}  // namespace latchkey::sdk
