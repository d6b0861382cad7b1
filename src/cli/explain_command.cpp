#include "cli/admin_client.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

namespace latchkey::cli {
namespace {

using boost::json::object;

/// Claims come from whoever made the token, and JSON lets DEL and the C1 controls (U+0080 to
/// U+009F) stand as they are: a terminal would obey them.
std::string printable(std::string_view json) {
    std::string safe;
    for (std::size_t i = 0; i < json.size(); ++i) {
        auto const byte = static_cast<unsigned char>(json[i]);
        bool const c1 =
            byte == 0xc2 && i + 1 < json.size() && static_cast<unsigned char>(json[i + 1]) < 0xa0;
        if (c1) {
            ++i;
        }
        safe += c1 || byte == 0x7f ? '?' : json[i];
    }
    return safe;
}

void print_verdict(object const& answer) {
    if (answer.at("verdict").as_string() == "accept") {
        fmt::print("accepted: {} {}\n\n", text(answer, "kind"), text(answer, "user_id"));
        return;
    }
    fmt::print("refused: code {}, {}: {}\n\n", text(answer, "code"), text(answer, "rule"),
               text(answer, "message"));
}

void print_steps(object const& answer) {
    for (auto const& entry : answer.at("steps").as_array()) {
        auto const& step = entry.as_object();
        auto line = fmt::format("  {:<11}  {}", text(step, "outcome"), text(step, "step"));
        if (step.contains("facts")) {
            line = fmt::format("{:<25}  {}", line, printable(text(step, "facts")));
        }
        if (step.contains("at")) {
            line += " (" + text(step, "at") + ")";
        }
        fmt::print("{}\n", line);
    }
}

void print_revocations(object const& answer) {
    auto const* revocations = answer.if_contains("revocations");
    if (revocations == nullptr) {
        return;
    }
    for (auto const& entry : revocations->as_array()) {
        auto const& revocation = entry.as_object();
        fmt::print("\nthe {}'s revocation, of tokens issued before {}", text(revocation, "of"),
                   text(revocation, "before"));
        if (revocation.contains("set_by")) {
            fmt::print(", was set at {} by {}", text(revocation, "set_at"),
                       printable(text(revocation, "set_by")));
        }
        fmt::print("\n");
    }
}

void print_claims(object const& answer) {
    if (!answer.contains("claims")) {
        return;
    }
    fmt::print("\nclaims, {}:\n",
               answer.at("claims_verified").as_bool()
                   ? "verified"
                   : "UNVERIFIED: anybody can have written them; none counts as true");
    for (auto const& [name, claim] : answer.at("claims").as_object()) {
        fmt::print("  {}: {}\n", printable(boost::json::serialize(name)),
                   printable(boost::json::serialize(claim)));
    }
}

}  // namespace

int token_explain(server::Settings settings, TokenCheck const& arguments) {
    auto const app = named_or_only_app(settings, arguments.app);
    if (!app) {
        return fail_with(app.error().message);
    }
    object body = {{"api_key", *app}, {"token", arguments.token}};
    if (!arguments.auth_type.empty()) {
        body["auth_type"] = arguments.auth_type;
    }
    auto answer = call_admin(std::move(settings), {.method = "POST",
                                                   .path = "/admin/v1/tokens/explain",
                                                   .body = boost::json::serialize(body)});
    if (!answer) {
        return fail_with(answer.error().message);
    }
    answer->erase("duration");
    bool const accepted = answer->at("verdict").as_string() == "accept";
    if (arguments.json) {
        print_json(*answer);
        return accepted ? kDone : kFailed;
    }
    print_verdict(*answer);
    print_steps(*answer);
    print_revocations(*answer);
    print_claims(*answer);
    fmt::print("\nan SDK {}\n", text(*answer, "sdk"));
    if (auto const mend = text(*answer, "mend"); !mend.empty()) {
        fmt::print("{}: {}\n", accepted ? "note" : "to mend it", mend);
    }
    return accepted ? kDone : kFailed;
}

}  // namespace latchkey::cli
