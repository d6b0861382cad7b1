#include "api/long_poll.hpp"

#include "api/errors.hpp"
#include "api/poll_directory.hpp"
#include "http/limits.hpp"

#include <latchkey/wire/api_error.hpp>

#include <expected>
#include <optional>
#include <string_view>
#include <utility>

namespace latchkey::api {
namespace {

using wire::ApiError;

static_assert(ConnectionRegistry::kKeepAliveEvery < http::kDeferredAnswerMax);

/// Retryable, and SDKs wait before they do.
ApiError unavailable(std::string why) {
    return {.code = wire::ErrorCode::InternalSystemError,
            .http_status = 503,
            .message = std::move(why)};
}

Answer events(std::string_view event) {
    Answer answer{.status = 200, .members = R"("events":[)"};
    answer.members += event;
    answer.members += ']';
    return answer;
}

}  // namespace

ApiError unknown_connection() {
    return {.code = wire::ErrorCode::ConnectionIdNotFoundError,
            .http_status = 404,
            .message = "there is no connection with this id"};
}

/// A connection without a socket: a member of the registry that keeps what it would send.
class LongPoll final : public UserMember {
public:
    LongPoll(LongPolls& polls, ConnectionContext& context)
        : UserMember(context, wire::Style::Legacy), polls_(polls) {}
    ~LongPoll() override { leave(); }
    LongPoll(LongPoll const&) = delete;
    LongPoll& operator=(LongPoll const&) = delete;

    using UserMember::enter;
    using UserMember::greeting;
    using UserMember::id;

    void accept(LongPolls::Ticket ticket) {
        answer(events({}));
        waiting_ = ticket;
        unpolled_hook.unlink();
        append(queued_, std::exchange(sign_of_life_, {}));
        if (!queued_.empty()) {
            answer(events(std::exchange(queued_, {})));
        }
    }
    /// Answers the poll that waits, where one does.
    void answer(Result result) {
        if (auto const ticket = std::exchange(waiting_, std::nullopt)) {
            polls_.reply(*ticket, std::move(result));
            start_unpolled();
        }
    }
    void start_unpolled();

    // Member
    void end(domain::Refusal const& refusal) override { finish(to_api_error(refusal, {})); }
    void send_keep_alive() override {
        if (waiting_) {
            answer(events(keep_alive()));
        } else {
            sign_of_life_ = keep_alive();  // of these only the newest is worth keeping
        }
    }
    void send_event(std::string_view event) override {
        if (waiting_) {
            answer(events(event));
        } else if (queued_.size() + event.size() < LongPolls::kQueuedBytesMax) {
            append(queued_, event);
        } else if (!std::exchange(cut_, true)) {
            // Later: whoever sends goes through a list that this connection is in.
            context_.loop.post([&polls = polls_, id = id()] { polls.cut(id); });
        }
    }
    /// Answers the poll that waits, and ends.
    void finish(ApiError error) {
        answer(std::unexpected(std::move(error)));
        polls_.erase(id());  // the last thing: it destroys this object
    }
    void go_away() override { finish(unavailable("the server stops")); }

    boost::intrusive::list_member_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>
        unpolled_hook;
    std::chrono::steady_clock::time_point unpolled_since;

private:
    static void append(std::string& list, std::string_view event) {
        list += list.empty() || event.empty() ? "" : ",";
        list += event;
    }

    LongPolls& polls_;
    std::optional<LongPolls::Ticket> waiting_;
    std::string queued_;        ///< while no poll waits: events, with commas between
    std::string sign_of_life_;  ///< likewise
    bool cut_ = false;          ///< more came than there is room for
};

struct LongPolls::Unpolled {
    boost::intrusive::list<LongPoll,
                           boost::intrusive::member_hook<
                               LongPoll,
                               boost::intrusive::list_member_hook<
                                   boost::intrusive::link_mode<boost::intrusive::auto_unlink>>,
                               &LongPoll::unpolled_hook>,
                           boost::intrusive::constant_time_size<false>>
        list;
};

void LongPoll::start_unpolled() {
    unpolled_since = context_.node.clock.monotonic();
    unpolled_hook.unlink();
    polls_.unpolled_->list.push_back(*this);
}

LongPolls::LongPolls(ConnectionContext& context)
    : context_(context), unpolled_(std::make_unique<Unpolled>()) {
    context_.node.polls->open(context_.slot, context_.loop, *this);
}

LongPolls::~LongPolls() {
    context_.node.polls->close(context_.slot);
    for (auto const& [id, connection] : connections_) {
        context_.node.polls->remove(id);
    }
    connections_.clear();
}

LongPolls::Ticket LongPolls::keep(Respond respond) {
    auto const number = next_number_++;
    waiting_.emplace(number, std::move(respond));
    return {.slot = context_.slot, .number = number};
}

void LongPolls::connect(Join join, Respond respond) {
    if (stopped_ || connections_.size() >= kConnectionsMax) {
        respond(std::unexpected(
            unavailable(stopped_ ? "the server stops" : "too many connections are open")));
        return;
    }
    join_user(context_, std::move(join), wire::Style::Legacy,
              [this, ticket = keep(std::move(respond))](
                  Join const& joined, std::expected<std::string, ApiError> const& me) {
                  on_joined(ticket, joined, me);
              });
}

void LongPolls::on_joined(Ticket ticket, Join const& join,
                          std::expected<std::string, ApiError> const& me) {
    if (stopped_) {
        return;
    }
    if (!me) {
        respond(ticket.number, std::unexpected(me.error()));
        return;
    }
    auto connection = std::make_unique<LongPoll>(*this, context_);
    if (auto const entered = connection->enter(join); !entered) {
        respond(ticket.number, std::unexpected(entered.error()));
        return;
    }
    context_.node.polls->add(connection->id(), context_.slot);
    connection->start_unpolled();
    Answer const answer{.status = 200, .members = R"("event":)" + connection->greeting(*me)};
    auto const id = connection->id();
    connections_.emplace(id, std::move(connection));
    respond(ticket.number, answer);
}

void LongPolls::ask(PollRequest request, Respond respond) {
    if (stopped_) {
        respond(std::unexpected(unavailable("the server stops")));
        return;
    }
    auto const id = request.id;
    auto const ticket = keep(std::move(respond));
    bool const found = context_.node.polls->post_to_holder(
        id, [request = std::move(request), ticket](LongPolls& holder) {
            holder.receive(request, ticket);
        });
    if (!found) {
        this->respond(ticket.number, std::unexpected(unknown_connection()));
    }
}

void LongPolls::receive(PollRequest const& request, Ticket ticket) {
    auto const found = connections_.find(request.id);
    if (found == connections_.end() || found->second->grant().app_id != request.app ||
        found->second->grant().user_id != request.user_id) {
        reply(ticket, std::unexpected(unknown_connection()));
        return;
    }
    if (!request.close) {
        found->second->accept(ticket);
        return;
    }
    found->second->answer(events({}));
    erase(request.id);
    reply(ticket, Answer{});
}

void LongPolls::reply(Ticket ticket, Result result) {
    context_.node.polls->post_to_loop(
        ticket.slot, [number = ticket.number, result = std::move(result)](LongPolls& asker) {
            asker.respond(number, result);
        });
}

void LongPolls::respond(std::uint64_t number, Result const& result) {
    if (auto const found = waiting_.find(number); found != waiting_.end()) {
        auto complete = std::move(found->second);
        waiting_.erase(found);
        complete(result);
    }
}

void LongPolls::erase(ConnectionId const& id) {
    context_.node.polls->remove(id);
    if (auto const found = connections_.find(id); found != connections_.end()) {
        auto const last = std::move(found->second);  // leaves the table before it is destroyed
        connections_.erase(found);
    }
}

void LongPolls::cut(ConnectionId const& id) {
    if (auto const found = connections_.find(id); found != connections_.end()) {
        found->second->finish(unknown_connection());
    }
}

void LongPolls::on_tick() {
    auto const now = context_.node.clock.monotonic();
    auto& list = unpolled_->list;
    while (!list.empty() && now - list.front().unpolled_since >= kUnpolledMax) {
        erase(ConnectionId(list.front().id()));
    }
}

void LongPolls::on_stop() {
    stopped_ = true;
    for (auto& [number, complete] : std::exchange(waiting_, {})) {
        complete(std::unexpected(unavailable("the server stops")));
    }
}

}  // namespace latchkey::api
