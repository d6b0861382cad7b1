#pragma once

#include "domain/store.hpp"
#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/group_transaction.hpp"

namespace latchkey::storage {

/// The table `users`.
class UserTable final : public domain::UserStore {
public:
    /// Both outlive this object.
    UserTable(Connection& connection, GroupTransaction& transaction);

    [[nodiscard]] std::vector<domain::User> find(AppId app, std::span<UserId const> ids) override;
    [[nodiscard]] std::vector<domain::User> query(AppId app,
                                                  domain::UserQuery const& query) override;
    [[nodiscard]] std::vector<domain::User> walk(AppId app, domain::UserWalk const& walk) override;
    [[nodiscard]] std::size_t count(AppId app) override;
    [[nodiscard]] bool is_name_taken(AppId app, std::string const& name,
                                     std::optional<std::string> const& team,
                                     std::span<UserId const> except) override;
    void put(AppId app, std::span<domain::UserWrite const> writes) override;
    void erase(AppId app, UserId const& id) override;
    [[nodiscard]] std::optional<Instant> find_erased_revocation(AppId app,
                                                                UserId const& id) override;
    [[nodiscard]] std::vector<domain::UserRevocation> revocations(AppId app,
                                                                  std::string const& after_id,
                                                                  std::size_t limit) override;

private:
    void put_one(AppId app, domain::User const& user);

    Connection& connection_;
    GroupTransaction& transaction_;
    Statement select_;
    Statement select_namesakes_;
    Statement put_;
    Statement erase_;
    Statement select_erased_;
    Statement put_erased_;
    Statement forget_erased_;
    Statement count_;
    Statement select_revocations_;
};

}  // namespace latchkey::storage
