#pragma once

#include "domain/account.hpp"

#include <cstdint>
#include <string>

namespace latchkey::api {

/// Who calls the admin API.
struct Operator {
    enum class Kind : std::uint8_t {
        Nobody,           ///< not signed in: only routes that ask for no role see it
        LocalCredential,  ///< the credential in the data directory: the command line
        Account,          ///< somebody signed in
    };
    Kind kind = Kind::LocalCredential;
    std::int64_t account_id = 0;  ///< of `Kind::Account`
    std::string name{};           ///< of the account
    domain::OperatorRole role = domain::OperatorRole::Owner;
    std::string address{};      ///< where the call came from; empty: no server stood between
    std::uint64_t session = 0;  ///< the number of an account's session; of `Nobody` 0
};

/// Who that is, for people to read; without the address, which others may not learn.
[[nodiscard]] std::string describe(Operator const& caller);

}  // namespace latchkey::api
