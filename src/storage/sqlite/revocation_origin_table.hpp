#pragma once

#include "domain/store.hpp"
#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/group_transaction.hpp"

namespace latchkey::storage {

/// The table `revocation_origins`.
class RevocationOriginTable final : public domain::RevocationOrigins {
public:
    /// Both outlive this object.
    RevocationOriginTable(Connection& connection, GroupTransaction& transaction);

    [[nodiscard]] std::optional<domain::RevocationOrigin> find(
        AppId app, std::optional<UserId> const& user) override;
    void put(AppId app, std::optional<UserId> const& user,
             domain::RevocationOrigin const& origin) override;
    void forget(AppId app, std::optional<UserId> const& user) override;

private:
    GroupTransaction& transaction_;
    Statement select_;
    Statement put_;
    Statement forget_;
};

}  // namespace latchkey::storage
