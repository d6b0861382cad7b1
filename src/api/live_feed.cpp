#include "api/live_feed.hpp"

#include "api/figures_json.hpp"
#include "domain/figures.hpp"
#include "wire/dates.hpp"
#include "wire/json.hpp"

#include <cstdint>
#include <string_view>
#include <utility>
#include <variant>

namespace latchkey::api {
namespace {

constexpr std::uint16_t kCloseGoingAway = 1001;  ///< RFC 6455 section 7.4.1
constexpr std::uint16_t kClosePolicy = 1008;     ///< the same: the session has ended

AppId app_of(domain::Change const& change) {
    return std::visit(
        [](auto const& what) {
            if constexpr (requires { what.app; }) {
                return what.app->id;
            } else {
                return what.app_id;
            }
        },
        change.what);
}

}  // namespace

/// One operator's screen.
class LiveFeed::Listener final : public http::Conversation {
public:
    Listener(LiveFeed& feed, std::function<bool()> may_listen)
        : feed_(feed), may_listen_(std::move(may_listen)) {
        ++feed_.opened_;
    }
    ~Listener() override { --feed_.opened_; }
    Listener(Listener const&) = delete;
    Listener& operator=(Listener const&) = delete;

    void on_open(http::WebSocket& socket) override {
        socket_ = &socket;
        feed_.enter(*this);
    }
    /// There is nothing to be told from there; what comes is a sign of life.
    void on_message(http::MessageKind, std::string_view) override {}
    void on_end() override { feed_.leave(*this); }

    [[nodiscard]] bool may_listen() const { return may_listen_(); }
    void send(std::string_view message) { socket_->send_text(message); }
    void close(std::uint16_t code, std::string_view reason) { socket_->close(code, reason); }

private:
    LiveFeed& feed_;
    std::function<bool()> may_listen_;
    http::WebSocket* socket_ = nullptr;
};

LiveFeed::LiveFeed(Node const& node, http::Loop& loop, std::size_t slot)
    : node_(node), loop_(loop), slot_(slot) {}

LiveFeed::~LiveFeed() {
    if (!listeners_.empty()) {
        node_.changes.unsubscribe(*this);
    }
}

std::unique_ptr<http::Conversation> LiveFeed::open(std::function<bool()> may_listen) {
    return opened_ < kListenersMax ? std::make_unique<Listener>(*this, std::move(may_listen))
                                   : nullptr;
}

void LiveFeed::enter(Listener& listener) {
    if (listeners_.empty()) {
        node_.changes.subscribe(*this);
        next_figures_ = node_.clock.monotonic() + kEvery;
    }
    listeners_.push_back(&listener);
    listener.send(figures());
}

void LiveFeed::leave(Listener& listener) {
    if (std::erase(listeners_, &listener) > 0 && listeners_.empty()) {
        node_.changes.unsubscribe(*this);
        changed_.clear();
        changed_more_ = false;
    }
}

void LiveFeed::on_tick() {
    for (auto* const listener : std::vector(listeners_)) {
        if (!listener->may_listen()) {
            leave(*listener);
            listener->close(kClosePolicy, "the session has ended");
        }
    }
    if (listeners_.empty()) {
        return;
    }
    tell_changes();
    if (auto const now = node_.clock.monotonic(); now >= next_figures_) {
        next_figures_ = now + kEvery;
        send_to_all(figures());
    }
}

void LiveFeed::on_stop() {
    for (auto* const listener : std::vector(listeners_)) {
        leave(*listener);
        listener->close(kCloseGoingAway, "the server stops");
    }
}

/// Told at the next tick: many commits are one message for each App.
void LiveFeed::on_changes(std::shared_ptr<std::vector<domain::Change> const> const& changes) {
    loop_.post([this, changes] {
        for (auto const& change : *changes) {
            if (listeners_.empty() || changed_more_) {
                return;
            }
            changed_.insert(app_of(change));
            changed_more_ = changed_.size() > kChangedMax;
        }
    });
}

void LiveFeed::tell_changes() {
    constexpr std::string_view kAnything = R"({"type":"changed","app":null})";
    if (std::exchange(changed_more_, false)) {
        changed_.clear();
        send_to_all(std::string(kAnything));
        return;
    }
    for (auto const id : std::exchange(changed_, {})) {
        std::string message(kAnything);
        if (auto const state = node_.state.read(slot_); auto const* app = state.find_app(id)) {
            message = R"({"type":"changed","app":)";
            wire::append_json_string(message, app->app->api_key.text());
            message += '}';
        }
        send_to_all(message);
    }
}

/// Whoever leaves because of it does so later: a socket that is cut is told of on its own.
void LiveFeed::send_to_all(std::string const& message) {
    for (auto* const listener : std::vector(listeners_)) {
        listener->send(message);
    }
}

std::string LiveFeed::figures() const {
    std::string message = R"({"type":"figures","at":)";
    wire::append_date(message, node_.clock.now(), wire::Style::Legacy);
    message += ",\"apps\":{";
    std::size_t count = 0;
    node_.state.read(slot_).visit_apps([&](domain::AppState const& app) {
        if (count++ >= kAppsMax) {
            return;
        }
        message += message.back() == '{' ? "" : ",";
        wire::append_json_string(message, app.app->api_key.text());
        message += ':';
        admin::append_figures(message, *app.figures, node_.presence.open_of(app.app->id));
    });
    message += "}}";
    return message;
}

}  // namespace latchkey::api
