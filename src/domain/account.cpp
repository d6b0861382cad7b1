#include "domain/account.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace latchkey::domain {
namespace {

constexpr std::array<OperatorRole, 3> kRoles = {OperatorRole::Viewer, OperatorRole::Operator,
                                                OperatorRole::Owner};

bool is_name_character(char c) noexcept {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '@' ||
           c == '.' || c == '_' || c == '+' || c == '-';
}

}  // namespace

std::string_view role_name(OperatorRole role) noexcept {
    switch (role) {
        case OperatorRole::Viewer: return "viewer";
        case OperatorRole::Operator: return "operator";
        case OperatorRole::Owner: return "owner";
    }
    std::unreachable();
}

std::optional<OperatorRole> parse_operator_role(std::string_view name) noexcept {
    auto const found = std::ranges::find(kRoles, name, role_name);
    return found == kRoles.end() ? std::nullopt : std::optional(*found);
}

bool is_account_name(std::string_view name) noexcept {
    return !name.empty() && name.size() <= kAccountNameBytesMax &&
           std::ranges::all_of(name, is_name_character);
}

}  // namespace latchkey::domain
