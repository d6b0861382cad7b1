#include "property.hpp"
#include "wire/app_settings.hpp"
#include "wire/json.hpp"
#include "wire/user_json.hpp"
#include "wire/user_requests.hpp"

#include <string>
#include <string_view>

namespace {

namespace fuzz = latchkey::fuzz;
namespace wire = latchkey::wire;

void check_error(wire::ApiError const& error) {
    fuzz::require(error.code == wire::ErrorCode::InputError);
    fuzz::require(wire::parse_json_object(wire::format_api_error(error, "Fuzz", {})).has_value());
}

/// What is stored can be shown, and what is shown can be read.
void check_shown(boost::json::object const& custom, wire::Style style) {
    std::string out;
    wire::append_user(out, {.id = "u", .role = "user", .custom = &custom}, wire::UserShape::Full,
                      style);
    fuzz::require(wire::parse_json_object(out).has_value());
}

void check_users(boost::json::object const& body, wire::Style style) {
    if (auto const users = wire::parse_upsert_users(body, style)) {
        check_shown(users->front().custom, style);
    } else {
        check_error(users.error());
    }
    if (auto const guest = wire::parse_guest(body, style); !guest) {
        check_error(guest.error());
    }
    auto const patches = wire::parse_patch_users(body, style);
    if (!patches) {
        check_error(patches.error());
        return;
    }
    boost::json::object custom{{"a", {{"b", 1}}}};
    if (auto const applied = wire::apply_custom(patches->front(), custom)) {
        check_shown(custom, style);
    } else {
        check_error(applied.error());
    }
}

void check_app(boost::json::object const& body) {
    auto const patch = wire::parse_app_patch(body);
    if (!patch) {
        check_error(patch.error());
        return;
    }
    std::string out;
    wire::append_app(out, {.other = &patch->other}, wire::Style::V2);
    fuzz::require(wire::parse_json_object(out).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const text = fuzz::text_of(data, size);
    for (auto const style : {wire::Style::Legacy, wire::Style::V2}) {
        if (auto const request = wire::parse_connect(text, style)) {
            check_shown(request->custom, style);
        } else {
            check_error(request.error());
        }
    }
    auto const body = wire::parse_json_object(text);
    if (!body) {
        return 0;
    }
    check_users(*body, wire::Style::Legacy);
    check_users(*body, wire::Style::V2);
    check_app(*body);
    return 0;
}
