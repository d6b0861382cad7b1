#include "cli/commands.hpp"
#include "cli/output.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace latchkey::cli {
namespace {

using boost::json::object;

/// Asks about a token what `path` tells of it.
std::expected<object, CommandError> ask(server::Settings const& settings, std::string path,
                                        TokenCheck const& arguments) {
    auto const app = named_or_only_app(settings, arguments.app);
    if (!app) {
        return std::unexpected(app.error());
    }
    object body = {{"api_key", *app}, {"token", arguments.token}};
    if (!arguments.auth_type.empty()) {
        body["auth_type"] = arguments.auth_type;
    }
    return post_admin(settings, std::move(path), body);
}

bool is_accepted(object const& answer) { return answer.at("verdict").as_string() == "accept"; }

void print_verdict(object const& answer) {
    if (is_accepted(answer)) {
        auto const user_id = text(answer, "user_id");
        fmt::print("accepted: {}{}{}\n", text(answer, "kind"), user_id.empty() ? "" : " ", user_id);
    } else {
        fmt::print("refused: code {}, {}: {}\n", text(answer, "code"), text(answer, "rule"),
                   text(answer, "message"));
    }
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

void print_explanation(object const& answer) {
    print_verdict(answer);
    fmt::print("\n");
    print_steps(answer);
    print_revocations(answer);
    print_claims(answer);
    fmt::print("\nan SDK {}\n", text(answer, "sdk"));
    if (auto const mend = text(answer, "mend"); !mend.empty()) {
        fmt::print("{}: {}\n", is_accepted(answer) ? "note" : "to mend it", mend);
    }
}

/// The exit status says what was decided.
template <class Print>
int tell_verdict(std::expected<object, CommandError> const& answer, bool json, Print print) {
    auto const told = tell(answer, json, print);
    return answer && is_accepted(*answer) ? told : kFailed;
}

}  // namespace

int token_check(server::Settings settings, TokenCheck const& arguments) {
    return tell_verdict(ask(settings, "/admin/v1/tokens/check", arguments), arguments.json,
                        print_verdict);
}

int token_explain(server::Settings settings, TokenCheck const& arguments) {
    return tell_verdict(ask(settings, "/admin/v1/tokens/explain", arguments), arguments.json,
                        print_explanation);
}

}  // namespace latchkey::cli
