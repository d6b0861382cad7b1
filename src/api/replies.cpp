#include "api/replies.hpp"

#include "api/errors.hpp"
#include "wire/dates.hpp"

#include <memory>
#include <string>
#include <utility>

namespace latchkey::api {

void fill_response(http::Response& response, std::string_view operation_id, Result const& result,
                   std::chrono::nanoseconds duration) {
    if (!result) {
        response.status = result.error().http_status;
        response.body = wire::format_api_error(result.error(), operation_id, duration);
        return;
    }
    response.status = result->status;
    response.fields += result->fields;
    response.body = '{';
    response.body += result->members;
    response.body += result->members.empty() ? "\"duration\":" : ",\"duration\":";
    wire::append_duration(response.body, duration);
    response.body += '}';
}

void answer_from_store(Node const& node, http::Loop& loop,
                       std::unique_ptr<http::DeferredAnswer> answer, StoreWork work,
                       std::move_only_function<http::Response(Result const&)> finish) {
    struct Pending {
        StoreWork work;
        Result result = std::unexpected(store_unavailable());
    };
    auto pending = std::make_shared<Pending>(std::move(work));
    auto job = [pending](domain::Transaction& transaction) {
        pending->result = pending->work(transaction);
        return pending->result ? domain::Outcome::Commit : domain::Outcome::Rollback;
    };
    // The answer belongs to the loop: it is moved to there whole, never shared with this thread.
    auto done = [pending, &events = *node.events, answer = std::move(answer),
                 finish = std::move(finish), &loop](domain::WorkResult result) mutable {
        if (result == domain::WorkResult::Failed) {
            pending->result = std::unexpected(store_unavailable());
        } else if (pending->result && !pending->result->events.empty()) {
            events.publish(std::exchange(pending->result->events, {}));
        }
        loop.post([pending, answer = std::move(answer), finish = std::move(finish)]() mutable {
            answer->complete(finish(pending->result));
        });
    };
    node.store.submit(std::move(job), std::move(done));
}

wire::ApiError unreadable_request(int status, std::string_view why) {
    auto code = wire::ErrorCode::InputError;
    switch (status) {
        case 408: code = wire::ErrorCode::RequestTimeoutError; break;
        case 413: code = wire::ErrorCode::PayloadTooBigError; break;
        case 431: code = wire::ErrorCode::MaxHeaderSizeExceededError; break;
        case 500:
        case 503: code = wire::ErrorCode::InternalSystemError; break;
        default: break;
    }
    return {.code = code, .http_status = status, .message = std::string(why)};
}

wire::ApiError nothing_here() {
    return {.code = wire::ErrorCode::DoesNotExistError,
            .http_status = 404,
            .message = "there is nothing at this path"};
}

}  // namespace latchkey::api
