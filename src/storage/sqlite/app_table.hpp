#pragma once

#include "domain/store.hpp"
#include "storage/sealer.hpp"
#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/group_transaction.hpp"

namespace latchkey::storage {

/// The tables `apps` and `app_secrets`.
class AppTable final : public domain::AppStore {
public:
    /// All of them outlive this object.
    AppTable(Connection& connection, GroupTransaction& transaction, Sealer const& sealer);

    [[nodiscard]] std::vector<domain::App> all() override;
    [[nodiscard]] std::optional<domain::App> find(AppId id) override;
    [[nodiscard]] std::optional<domain::App> find_by_key(ApiKey const& key) override;
    [[nodiscard]] std::optional<AppId> insert(domain::App const& app) override;
    void update(domain::App const& app) override;
    void remove(AppId id) override;

private:
    [[nodiscard]] std::optional<AppId> find_id(ApiKey const& key);
    [[nodiscard]] domain::App read(Rows const& rows);
    [[nodiscard]] std::vector<domain::ApiSecret> read_secrets(AppId app);
    void insert_secrets(AppId app, std::vector<domain::ApiSecret> const& secrets);

    GroupTransaction& transaction_;
    Sealer const& sealer_;
    Statement select_all_;
    Statement select_;
    Statement select_id_;
    Statement insert_;
    Statement update_;
    Statement delete_users_;
    Statement delete_;
    Statement select_secrets_;
    Statement insert_secret_;
    Statement delete_secrets_;
};

}  // namespace latchkey::storage
