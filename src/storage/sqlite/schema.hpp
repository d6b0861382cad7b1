#pragma once

#include "storage/sealer.hpp"
#include "storage/sqlite/connection.hpp"

#include <latchkey/base/random_source.hpp>

#include <filesystem>
#include <string>

namespace latchkey::storage {

/// Marks a SQLite file as a latchkey store (`PRAGMA application_id`): "LTKY".
inline constexpr std::int64_t kApplicationId = 0x4c544b59;

/// Makes the tables where there are none, brings those of an older version up to date, and checks
/// that `sealer` has the master key that the store was made with. Returns the cluster id.
/// @throws domain::StoreFailure for another program's file, a newer version's, or another key's;
/// then the file at `path` was not written to.
[[nodiscard]] std::string prepare_schema(Connection& connection, std::filesystem::path const& path,
                                         Sealer const& sealer, RandomSource& random);

}  // namespace latchkey::storage
