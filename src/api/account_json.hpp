#pragma once

#include "api/operator_sessions.hpp"
#include "domain/account.hpp"
#include "domain/passwords.hpp"

#include <latchkey/base/secret.hpp>
#include <latchkey/wire/api_error.hpp>

#include <boost/json/object.hpp>

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

/// What bodies and answers about accounts have in common.
namespace latchkey::api::admin {

[[nodiscard]] wire::ApiError account_name_error();

/// `name`, as a new account may have it.
[[nodiscard]] std::expected<std::string, wire::ApiError> name_member(
    boost::json::object const& body);

/// A password to be checked: a text that one can be.
[[nodiscard]] std::expected<Secret, wire::ApiError> password_member(boost::json::object const& body,
                                                                    std::string_view member);

/// A password that the account is to have from now on.
[[nodiscard]] std::expected<Secret, wire::ApiError> new_password_member(
    boost::json::object const& body, std::string_view member, std::string_view account_name);

[[nodiscard]] wire::ApiError password_error(domain::PasswordFlaw flaw, std::string_view member);

[[nodiscard]] SignInBy sign_in_of(domain::Account const& account) noexcept;
[[nodiscard]] std::string_view sign_in_name(SignInBy by) noexcept;

/// Who is signed in: `id`, `name`, `role`, `sign_in`.
void append_account_summary(std::string& out, std::int64_t id, std::string_view name,
                            domain::OperatorRole role, SignInBy by);

/// An account with all that others may see of it.
void append_account(std::string& out, domain::Account const& account);

}  // namespace latchkey::api::admin
