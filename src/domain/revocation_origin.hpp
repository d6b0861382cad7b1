#pragma once

#include "domain/store.hpp"

#include <latchkey/base/ids.hpp>
#include <latchkey/base/instant.hpp>

#include <optional>
#include <string_view>

namespace latchkey::domain {

/// Keeps who changed a revocation to what it is now, or forgets it with the revocation. Of the App
/// where `user` is empty. `by` is for people to read, such as "a server's token from 10.0.0.7".
void keep_origin(Transaction& transaction, AppId app, std::optional<UserId> const& user,
                 std::optional<Instant> revocation, Instant now, std::string_view by);

}  // namespace latchkey::domain
