#include "storage/memory/memory_accounts.hpp"

#include <algorithm>
#include <ranges>
#include <stdexcept>
#include <utility>

namespace latchkey::storage {
namespace {

using domain::Account;

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool is_same_name(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, {}, to_lower, to_lower);
}

template <typename Matches>
std::optional<Account> find_first(AccountRows const& rows, Matches matches) {
    auto accounts = rows.by_id | std::views::values;
    auto const found = std::ranges::find_if(accounts, matches);
    return found == accounts.end() ? std::nullopt : std::optional(*found);
}

}  // namespace

std::vector<Account> MemoryAccounts::all() {
    auto accounts = rows_.by_id | std::views::values;
    return {accounts.begin(), accounts.end()};
}

std::optional<Account> MemoryAccounts::find(std::int64_t id) {
    auto const found = rows_.by_id.find(id);
    return found == rows_.by_id.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Account> MemoryAccounts::find_by_name(std::string_view name) {
    return find_first(rows_,
                      [&](Account const& account) { return is_same_name(account.name, name); });
}

std::optional<Account> MemoryAccounts::find_by_oidc_subject(std::string_view subject) {
    return find_first(rows_,
                      [&](Account const& account) { return account.oidc_subject == subject; });
}

std::optional<std::int64_t> MemoryAccounts::insert(Account const& account) {
    auto stored = account;
    stored.id = rows_.last_id + 1;
    if (is_taken(stored)) {
        return std::nullopt;
    }
    auto const id = stored.id;
    rows_.last_id = id;
    rows_.by_id.emplace(id, std::move(stored));
    undo_.emplace_back([this, id] {
        rows_.by_id.erase(id);
        rows_.last_id = id - 1;
    });
    return id;
}

void MemoryAccounts::update(Account const& account) {
    auto& stored = existing(account.id);
    if (is_taken(account)) {
        throw std::logic_error("the name or the subject is another account's");
    }
    undo_.emplace_back(
        [this, before = stored] { rows_.by_id.insert_or_assign(before.id, before); });
    stored = account;
}

void MemoryAccounts::remove(std::int64_t id) {
    undo_.emplace_back([this, before = existing(id)] { rows_.by_id.emplace(before.id, before); });
    rows_.by_id.erase(id);
}

bool MemoryAccounts::is_taken(Account const& account) const {
    return std::ranges::any_of(rows_.by_id | std::views::values, [&](Account const& other) {
        return other.id != account.id &&
               (is_same_name(other.name, account.name) ||
                (account.oidc_subject && other.oidc_subject == account.oidc_subject));
    });
}

Account& MemoryAccounts::existing(std::int64_t id) {
    auto const found = rows_.by_id.find(id);
    if (found == rows_.by_id.end()) {
        throw std::logic_error("no such account");
    }
    return found->second;
}

}  // namespace latchkey::storage
