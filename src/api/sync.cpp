#include "api/endpoint.hpp"
#include "wire/dates.hpp"
#include "wire/json.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

namespace latchkey::api {
namespace {

constexpr std::size_t kChannelsPerSyncMax = 255;

wire::ApiError field_error(std::string const& field, std::string const& reason) {
    return wire::input_error(field + ' ' + reason, field, reason);
}

}  // namespace

Reply sync(Call const& call) {
    auto const body = wire::parse_json_object(call.request.body);
    if (!body) {
        return std::unexpected(wire::input_error(std::string(wire::describe(body.error()))));
    }
    auto const* const cids = body->if_contains("channel_cids");
    auto const* const list = cids == nullptr ? nullptr : cids->if_array();
    if (list == nullptr || list->empty()) {
        return std::unexpected(field_error("channel_cids", "is a required field"));
    }
    if (list->size() > kChannelsPerSyncMax) {
        return std::unexpected(field_error("channel_cids", "has more than 255 items"));
    }
    if (!std::ranges::all_of(
            *list, [](auto const& cid) { return cid.is_string() && !cid.get_string().empty(); })) {
        return std::unexpected(field_error("channel_cids", "must be channel ids"));
    }
    auto const* const since = body->if_contains("last_sync_at");
    if (since == nullptr || since->is_null()) {
        return std::unexpected(field_error("last_sync_at", "is a required field"));
    }
    if (!wire::parse_request_date(*since)) {
        return std::unexpected(field_error("last_sync_at", "is not a date"));
    }
    return Answer{.status = 201, .members = R"("events":[])"};  // there are no channels here
}

}  // namespace latchkey::api
