#include "api/credentials.hpp"
#include "api/endpoint.hpp"
#include "api/rate_limits.hpp"
#include "wire/json.hpp"

#include <algorithm>
#include <array>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace latchkey::api {
namespace {

constexpr std::array<std::string_view, 5> kPlatforms = {"server_side", "android", "ios", "web",
                                                        "unity"};

/// Whether `names`, separated by commas, has this one.
bool lists(std::string_view names, std::string_view name) {
    while (!names.empty()) {
        auto const end = std::min(names.find(','), names.size());
        if (names.substr(0, end) == name) {
            return true;
        }
        names.remove_prefix(std::min(end + 1, names.size()));
    }
    return false;
}

/// The platforms that are asked for; none named: all of them.
std::expected<std::array<bool, kPlatforms.size()>, wire::ApiError> read_platforms(
    std::string_view query) {
    std::array<bool, kPlatforms.size()> wanted{};
    for (std::size_t i = 0; i < kPlatforms.size(); ++i) {
        std::string storage;
        auto const value = query_parameter(query, kPlatforms.at(i), storage);
        if (!value.empty() && value != "true" && value != "false") {
            std::string const name(kPlatforms.at(i));
            return std::unexpected(
                wire::input_error(name + " is true or false", name, "neither true nor false"));
        }
        wanted.at(i) = value == "true";
    }
    if (std::ranges::none_of(wanted, std::identity())) {
        wanted.fill(true);
    }
    return wanted;
}

/// What is left of each operation that is counted, by its id.
std::string format_limits(Call const& call, std::string_view endpoints) {
    std::string limits = "{";
    for (std::size_t i = 0; i < kOperationCount; ++i) {
        auto const operation = static_cast<Operation>(i);
        auto const& [id, per_minute] = facts(operation);
        if (per_minute == 0 || (!endpoints.empty() && !lists(endpoints, id))) {
            continue;
        }
        auto const status = call.rates.show(call.caller.app->id, operation, call.now);
        limits += limits.back() == '{' ? "" : ",";
        wire::append_json_string(limits, id);
        limits += ":{\"limit\":";
        wire::append_json_number(limits, status.limit);
        limits += ",\"remaining\":";
        wire::append_json_number(limits, status.remaining);
        limits += ",\"reset\":";
        wire::append_json_number(limits, status.resets_at_s);
        limits += '}';
    }
    return limits + '}';
}

}  // namespace

Reply get_rate_limits(Call const& call) {
    auto const platforms = read_platforms(call.request.query);
    if (!platforms) {
        return std::unexpected(platforms.error());
    }
    std::string storage;
    // Platforms share one allowance here, so they all show the same numbers.
    auto const limits =
        format_limits(call, query_parameter(call.request.query, "endpoints", storage));
    Answer answer;
    for (std::size_t i = 0; i < kPlatforms.size(); ++i) {
        if (!platforms->at(i)) {
            continue;
        }
        answer.members += answer.members.empty() ? "\"" : ",\"";
        answer.members += kPlatforms.at(i);
        answer.members += "\":" + limits;
    }
    return answer;
}

}  // namespace latchkey::api
