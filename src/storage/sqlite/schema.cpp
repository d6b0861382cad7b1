#include "storage/sqlite/schema.hpp"

#include "domain/store.hpp"
#include "storage/audit_chain.hpp"
#include "storage/sqlite/migrations.hpp"

#include <cstddef>

namespace latchkey::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kCheckContext = "latchkey store";
constexpr std::string_view kCheckText = "sealed under this master key";

/// The schema version that brought the audit log. Its head needs a key, which SQL has not.
constexpr std::size_t kAuditVersion = 4;

std::int64_t read_integer(Connection& connection, std::string_view sql) {
    Statement statement(connection, sql);
    auto rows = statement.query();
    return rows.next() ? rows.integer(0) : 0;
}

/// The schema version of the file, 0 where it is empty.
std::size_t check_origin(Connection& connection, fs::path const& path) {
    auto const application = read_integer(connection, "PRAGMA application_id");
    bool const is_empty = read_integer(connection, "SELECT count(*) FROM sqlite_schema") == 0;
    if (application != kApplicationId && !(is_empty && application == 0)) {
        throw domain::StoreFailure(path.string() +
                                   " belongs to another program: name another directory (--data)");
    }
    auto const version = static_cast<std::size_t>(read_integer(connection, "PRAGMA user_version"));
    if (version > migrations().size()) {
        throw domain::StoreFailure(
            path.string() + " was made by a newer version of latchkey (schema " +
            std::to_string(version) + ", this one knows " + std::to_string(migrations().size()) +
            "): use that version, or restore a backup");
    }
    return version;
}

void insert_meta(Connection& connection, Sealer const& sealer, RandomSource& random) {
    auto const cluster_id = make_uuid(random);
    auto const check = sealer.seal(kCheckText, kCheckContext);
    Statement(connection, "INSERT INTO meta (id, cluster_id, sealed_check) VALUES (1, ?, ?)")
        .run(cluster_id, Blob{check});
}

void insert_audit_head(Connection& connection, Sealer const& sealer) {
    Statement select(connection, "SELECT cluster_id FROM meta");
    auto rows = select.query();
    AuditChain const chain(sealer.derive_key(kAuditKeyPurpose),
                           rows.next() ? std::string(rows.text(0)) : std::string());
    auto const head = chain.first_head();
    Statement(connection, "INSERT INTO audit_head (id, number, hash, seal) VALUES (1, ?, ?, ?)")
        .run(head.number, Blob{bytes_of(head.hash)}, Blob{bytes_of(head.seal)});
}

void migrate(Connection& connection, std::size_t version, Sealer const& sealer,
             RandomSource& random) {
    for (; version < migrations().size(); ++version) {
        connection.execute("BEGIN IMMEDIATE");
        connection.execute(std::string(migrations()[version]).c_str());
        if (version == 0) {
            insert_meta(connection, sealer, random);
        }
        if (version + 1 == kAuditVersion) {
            insert_audit_head(connection, sealer);
        }
        connection.execute(("PRAGMA user_version=" + std::to_string(version + 1)).c_str());
        connection.execute("COMMIT");
    }
}

/// The cluster id.
std::string check_master_key(Connection& connection, fs::path const& path, Sealer const& sealer) {
    Statement statement(connection, "SELECT cluster_id, sealed_check FROM meta");
    auto rows = statement.query();
    if (!rows.next()) {
        throw domain::StoreFailure(path.string() + " is damaged: restore a backup");
    }
    if (!sealer.open(rows.text(1), kCheckContext)) {
        throw domain::StoreFailure(
            "the master key is not the one this store was sealed with (" + path.string() +
            "): give that one, in LATCHKEY_MASTER_KEY or as master.key beside the store");
    }
    return std::string(rows.text(0));
}

}  // namespace

std::string prepare_schema(Connection& connection, fs::path const& path, Sealer const& sealer,
                           RandomSource& random) {
    auto const version = check_origin(connection, path);
    if (version > 0) {
        auto cluster_id = check_master_key(connection, path, sealer);
        connection.use_write_ahead_log();
        migrate(connection, version, sealer, random);
        return cluster_id;
    }
    // Set before anything else, so that a start that was cut short is known for what it is.
    connection.execute(("PRAGMA application_id=" + std::to_string(kApplicationId)).c_str());
    connection.use_write_ahead_log();
    migrate(connection, version, sealer, random);
    return check_master_key(connection, path, sealer);
}

}  // namespace latchkey::storage
