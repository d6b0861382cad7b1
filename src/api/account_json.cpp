#include "api/account_json.hpp"

#include "api/admin_json.hpp"
#include "wire/dates.hpp"
#include "wire/json.hpp"

#include <optional>
#include <utility>

namespace latchkey::api::admin {
namespace {

using boost::json::object;
using wire::ApiError;

std::string_view describe(domain::PasswordFlaw flaw) {
    switch (flaw) {
        case domain::PasswordFlaw::TooShort: return "a password has at least 10 characters";
        case domain::PasswordFlaw::TooLong: return "a password has at most 1024 bytes";
        case domain::PasswordFlaw::IsTheName:
            return "the name of the account is the first password that is tried";
    }
    std::unreachable();
}

/// `id`, `name`, `role`, `sign_in`, without braces.
void append_summary_members(std::string& out, std::int64_t id, std::string_view name,
                            domain::OperatorRole role, SignInBy by) {
    out += "\"id\":";
    wire::append_json_number(out, id);
    out += ",\"name\":";
    wire::append_json_string(out, name);
    out += ",\"role\":\"";
    out += domain::role_name(role);
    out += "\",\"sign_in\":\"";
    out += sign_in_name(by);
    out += '"';
}

}  // namespace

ApiError account_name_error() {
    return wire::input_error("name wants 1 to 64 of the characters A-Z a-z 0-9 @ . _ + -", "name",
                             "not a name");
}

std::expected<std::string, ApiError> name_member(object const& body) {
    auto name = text_member(body, "name");
    if (!name) {
        return std::unexpected(std::move(name).error());
    }
    if (!*name || !domain::is_account_name(**name)) {
        return std::unexpected(account_name_error());
    }
    return **std::move(name);
}

std::expected<Secret, ApiError> password_member(object const& body, std::string_view member) {
    auto text = text_member(body, member);
    if (!text) {
        return std::unexpected(std::move(text).error());
    }
    if (!*text || (*text)->empty() || (*text)->size() > domain::kPasswordBytesMax) {
        return std::unexpected(
            wire::input_error(std::string(member) + " wants a password of at most 1024 bytes",
                              std::string(member), "no password"));
    }
    return Secret(**std::move(text));
}

std::expected<Secret, ApiError> new_password_member(object const& body, std::string_view member,
                                                    std::string_view account_name) {
    auto password = password_member(body, member);
    if (!password) {
        return password;
    }
    if (auto const flaw = domain::find_password_flaw(*password, account_name)) {
        return std::unexpected(password_error(*flaw, member));
    }
    return password;
}

ApiError password_error(domain::PasswordFlaw flaw, std::string_view member) {
    return wire::input_error(std::string(describe(flaw)), std::string(member), "unfit");
}

SignInBy sign_in_of(domain::Account const& account) noexcept {
    return account.password_hash ? SignInBy::Password : SignInBy::Oidc;
}

std::string_view sign_in_name(SignInBy by) noexcept {
    return by == SignInBy::Password ? "password" : "oidc";
}

void append_account_summary(std::string& out, std::int64_t id, std::string_view name,
                            domain::OperatorRole role, SignInBy by) {
    out += '{';
    append_summary_members(out, id, name, role, by);
    out += '}';
}

void append_account(std::string& out, domain::Account const& account) {
    out += '{';
    append_summary_members(out, account.id, account.name, account.role, sign_in_of(account));
    out += ",\"disabled\":";
    out += account.disabled ? "true" : "false";
    out += ",\"created_at\":";
    wire::append_date(out, account.created_at, wire::Style::Legacy);
    out += ",\"last_signed_in_at\":";
    append_nullable_date(out, account.last_signed_in_at);
    out += '}';
}

}  // namespace latchkey::api::admin
