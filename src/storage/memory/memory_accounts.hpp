#pragma once

#include "domain/account.hpp"
#include "storage/memory/undo.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

namespace latchkey::storage {

struct AccountRows {
    std::map<std::int64_t, domain::Account> by_id{};
    std::int64_t last_id = 0;
};

/// The accounts of a `MemoryStore` inside one commit.
class MemoryAccounts final : public domain::AccountStore {
public:
    /// Both outlive this object.
    MemoryAccounts(AccountRows& rows, std::vector<Undo>& undo) : rows_(rows), undo_(undo) {}

    [[nodiscard]] std::vector<domain::Account> all() override;
    [[nodiscard]] std::optional<domain::Account> find(std::int64_t id) override;
    [[nodiscard]] std::optional<domain::Account> find_by_name(std::string_view name) override;
    [[nodiscard]] std::optional<domain::Account> find_by_oidc_subject(
        std::string_view subject) override;
    [[nodiscard]] std::optional<std::int64_t> insert(domain::Account const& account) override;
    void update(domain::Account const& account) override;
    void remove(std::int64_t id) override;

private:
    /// Whether another account than `account` has its name or its subject.
    [[nodiscard]] bool is_taken(domain::Account const& account) const;
    domain::Account& existing(std::int64_t id);

    AccountRows& rows_;
    std::vector<Undo>& undo_;
};

}  // namespace latchkey::storage
