#include "sdk/call_queue.hpp"

#include "sdk/answers.hpp"

#include <latchkey/sdk/user_client.hpp>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace latchkey::sdk {
namespace {

/// A longer `Retry-After` counts as this one.
constexpr std::chrono::seconds kRetryAfterMax = std::chrono::hours{24};

constexpr std::array<std::string_view, 5> kMethods = {"GET", "POST", "PUT", "PATCH", "DELETE"};

Error invalid(std::string message) {
    return {.kind = Error::Kind::InvalidArgument, .message = std::move(message)};
}

/// What stands in a request line as it is: neither white space nor control characters, which could
/// begin another field or request, nor a fragment.
bool is_path(std::string_view path) {
    return path.starts_with('/') &&
           std::ranges::all_of(path, [](char c) { return c > ' ' && c < '\x7f' && c != '#'; });
}

std::optional<Error> check(CallRequest const& call) {
    if (std::ranges::find(kMethods, call.method) == kMethods.end()) {
        return invalid("the method is one of GET, POST, PUT, PATCH and DELETE");
    }
    if (!is_path(call.path)) {
        return invalid("the path begins with / and has its other characters percent-encoded");
    }
    if (call.path.size() > kCallPathBytesMax) {
        return invalid("the path is longer than " + std::to_string(kCallPathBytesMax) + " bytes");
    }
    if (call.body.size() > kCallBodyBytesMax) {
        return invalid("the body is longer than " + std::to_string(kCallBodyBytesMax) + " bytes");
    }
    return std::nullopt;
}

/// Whether the server gets to such an answer only once it has accepted the token (protocol section
/// 2.1): the body, a permission or what was asked for is at fault.
bool is_past_authentication(Error const& error) {
    return error.code == 4 || error.code == 16 || error.code == 17;
}

Error waited_in_vain() {
    return {.kind = Error::Kind::TimedOut,
            .message = "the deadline has passed while the call waited for a token",
            .may_retry = true};
}

}  // namespace

void CallQueue::submit(CallRequest call, TimePoint deadline, Ended ended) {
    if (auto error = check(call)) {
        return ended(std::unexpected(*std::move(error)));
    }
    if (calls_.size() >= UserClient::kWaitingCallsMax) {
        return ended(std::unexpected(
            Error{.kind = Error::Kind::TooManyCalls,
                  .message = "too many calls are under way: " + std::to_string(calls_.size()),
                  .may_retry = true}));
    }
    auto const id = ++last_id_;
    calls_.emplace(id, Entry{.call = std::move(call),
                             .deadline = deadline,
                             .ended = std::move(ended),
                             .request_id = make_uuid(world_.random)});
    hold(id);
    resume();
}

void CallQueue::hold(std::uint64_t id) {
    held_.insert(id);
    auto& entry = calls_.at(id);
    entry.wait = world_.network.wait_until(entry.deadline, [this, id] {
        held_.erase(id);
        end(calls_.find(id), waited_in_vain());
    });
}

void CallQueue::resume() {
    while (!held_.empty()) {
        auto const credential = session_.credential();
        if (!credential) {
            return;
        }
        auto const id = *held_.begin();
        held_.erase(held_.begin());
        send(calls_.find(id), *credential);
    }
}

void CallQueue::send(Entries::iterator entry, Credential const& credential) {
    auto& [id, call] = *entry;
    call.wait.reset();
    call.token_number = credential.number;
    auto request = to_request(call.call, credential, world_.api_key, call.request_id);
    world_.network.send(std::move(request), call.deadline,
                        [self = std::weak_ptr(self_), id](auto result) {
                            if (auto const queue = self.lock()) {
                                (*queue)->answered(id, std::move(result));
                            }
                        });
}

void CallQueue::answered(std::uint64_t id, std::expected<Response, Failure> result) {
    auto const entry = calls_.find(id);
    if (entry == calls_.end()) {
        return;  // ended meanwhile
    }
    if (!result) {
        return failed(entry, result.error());
    }
    if (auto const date = result->date) {
        world_.server_clock.observe_date(*date);
    }
    if (result->status >= 200 && result->status < 300) {
        return succeeded(entry, std::move(*result));
    }
    auto error = read_error(*result);
    if (error.code == kTokenExpiredCode) {
        return token_refused(entry, std::move(error));
    }
    refused(entry, std::move(error), result->retry_after);
}

void CallQueue::succeeded(Entries::iterator entry, Response response) {
    pauses_.reset();
    session_.on_token_accepted(entry->second.token_number);
    end(entry, Result<std::string>(std::move(response.body)));
}

void CallQueue::refused(Entries::iterator entry, Error error,
                        std::optional<std::chrono::seconds> retry_after) {
    if (is_past_authentication(error)) {
        session_.on_token_accepted(entry->second.token_number);
    }
    // A server that says when has not done what it was asked; still, only reads are repeated, for
    // something between here and there may have said it.
    auto const asks_for_patience = error.http_status == 429 || error.http_status == 503;
    if (asks_for_patience && retry_after && entry->second.call.method == "GET" &&
        repeat_after(entry, std::min(*retry_after, kRetryAfterMax))) {
        return;
    }
    end(entry, std::move(error));
}

void CallQueue::token_refused(Entries::iterator entry, Error error) {
    auto& call = entry->second;
    if (!session_.can_renew()) {
        return end(entry, std::move(error));
    }
    auto const number = call.token_number;
    // The first was a token that had been good; it is the fresh ones that count.
    if (++call.refusals <= UserClient::kRefusedTokensMax) {
        hold(entry->first);
    } else {
        error.kind = Error::Kind::TokenRefused;
        end(entry, std::move(error));
    }
    session_.on_token_refused(number);
    resume();  // the token held by now may be newer than the one that was refused
}

void CallQueue::failed(Entries::iterator entry, Failure const& failure) {
    auto const may_repeat = entry->second.call.method == "GET" || !failure.sent;
    auto const is_passing =
        failure.kind == Error::Kind::CannotConnect || failure.kind == Error::Kind::Disconnected;
    if (may_repeat && is_passing && repeat_after(entry, pauses_.next())) {
        return;
    }
    end(entry, to_error(failure));
}

/// False: not in time, or too often.
bool CallQueue::repeat_after(Entries::iterator entry, std::chrono::milliseconds pause) {
    auto& [id, call] = *entry;
    auto const left = call.deadline - world_.clock.monotonic();
    if (pause >= std::chrono::floor<std::chrono::milliseconds>(left) ||
        call.repeats >= kCallRepeatsMax) {
        return false;
    }
    ++call.repeats;
    call.wait = world_.wait_for(pause, [this, id] {
        hold(id);
        resume();
    });
    return true;
}

void CallQueue::end_held(Error const& error) {
    for (auto const id : std::exchange(held_, {})) {
        end(calls_.find(id), error);
    }
}

void CallQueue::end_all(Error const& error) {
    held_.clear();
    for (auto& [id, call] : std::exchange(calls_, {})) {
        auto own = error;
        own.request_id = call.request_id;
        call.ended(std::unexpected(std::move(own)));
    }
}

void CallQueue::end(Entries::iterator entry, Result<std::string> result) {
    // Out of the map first: whoever hears of the end may look at what is left.
    auto const call = calls_.extract(entry);
    call.mapped().ended(std::move(result));
}

void CallQueue::end(Entries::iterator entry, Error error) {
    error.request_id = entry->second.request_id;
    end(entry, Result<std::string>(std::unexpected(std::move(error))));
}

}  // namespace latchkey::sdk
