#include "storage/sqlite/connection.hpp"

#include "domain/store.hpp"

#include <sqlite3.h>

#include <stdexcept>

namespace latchkey::storage {
namespace {

/// Pages in the log before they are moved into the database: 64 MiB. Moving them costs two syncs
/// and writes each changed page once, so that it pays to wait until most have changed several
/// times; a log of this size is read back in 0.1 s after a crash.
constexpr int kLogPagesMax = 16'384;

constexpr char const* kBrokenAdvice =
    ": no further write is tried, because a disk that failed once may lie about the next one. "
    "Look at the disk and the system log, then restart latchkey";

std::string message_of(sqlite3* handle, int code) {
    return std::string(handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code)) +
           " (SQLite " + std::to_string(code) + ")";
}

int count_logged_pages(void* pages, sqlite3*, char const*, int count) {
    *static_cast<int*>(pages) = count;
    return SQLITE_OK;
}

}  // namespace

void Connection::Close::operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }

Connection::Connection(std::filesystem::path const& path) : path_(path) {
    sqlite3* handle = nullptr;
    // NOMUTEX: one thread at a time calls a store.
    int const code = sqlite3_open_v2(
        path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
        nullptr);
    handle_.reset(handle);
    if (code != SQLITE_OK) {
        fail(code);
    }
    sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    // The locking mode comes before anything is read: then WAL needs no shared memory beside it.
    execute(
        "PRAGMA locking_mode=EXCLUSIVE; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"
        "PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY;"
        "PRAGMA cache_size=-16384");
}

Connection::~Connection() {
    if (health_ == Health::Broken) {
        // Closing would move the log into the database; what is on the disk is left to be looked
        // at.
        sqlite3_db_config(handle_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    }
}

void Connection::use_write_ahead_log() {
    // FULL syncs at each commit; NORMAL loses acknowledged rows when the power goes.
    execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0");
    sqlite3_wal_hook(handle(), &count_logged_pages, &logged_pages_);
    sqlite3_db_config(handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
}

void Connection::execute(char const* sql) {
    check_usable();
    int const code = sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) {
        fail(code);
    }
}

void Connection::checkpoint_when_due() {
    if (logged_pages_ < kLogPagesMax) {
        return;
    }
    check_usable();
    // By hand, because SQLite's own checkpoints pass over a failing sync in silence.
    int const code =
        sqlite3_wal_checkpoint_v2(handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    if (code != SQLITE_OK) {
        fail(code);
    }
    logged_pages_ = 0;
}

void Connection::roll_back() noexcept {
    // Some errors have rolled back by themselves. A broken handle is left alone.
    if (health_ == Health::Broken || sqlite3_get_autocommit(handle()) != 0) {
        return;
    }
    if (sqlite3_exec(handle(), "ROLLBACK", nullptr, nullptr, nullptr) != SQLITE_OK) {
        health_ = Health::Broken;
    }
}

std::int64_t Connection::changed_rows() const noexcept { return sqlite3_changes64(handle()); }

void Connection::fail(int code) {
    auto const message = message_of(handle(), code);
    health_ = Health::Good;
    switch (code & 0xff) {
        case SQLITE_FULL:
            health_ = Health::DiskFull;
            throw domain::StoreFailure(
                "the disk is full, nothing was stored: make room on the "
                "file system of " +
                path_.string());
        case SQLITE_IOERR:
            health_ = Health::Broken;
            throw domain::StoreFailure("the disk failed under " + path_.string() + ", " + message +
                                       kBrokenAdvice);
        case SQLITE_CORRUPT:
            health_ = Health::Broken;
            throw domain::StoreFailure(path_.string() + " is damaged, " + message +
                                       ": stop latchkey and restore a backup");
        case SQLITE_NOTADB:
            health_ = Health::Broken;
            throw domain::StoreFailure(path_.string() +
                                       " is no latchkey store, or is damaged: restore a backup, or "
                                       "name another directory (--data)");
        case SQLITE_CANTOPEN:
        case SQLITE_PERM:
        case SQLITE_READONLY:
            health_ = Health::Broken;
            throw domain::StoreFailure(path_.string() + " cannot be opened and written to, " +
                                       message + ": give it to the user that runs latchkey");
        case SQLITE_BUSY:
            throw domain::StoreFailure("another program has " + path_.string() +
                                       " open: close it, then restart latchkey");
        case SQLITE_NOMEM: throw domain::StoreFailure("no memory is left for the store");
        default: throw std::logic_error("the store's SQL failed: " + message);
    }
}

void Connection::check_usable() const {
    if (health_ == Health::Broken) {
        throw domain::StoreFailure("an earlier access to " + path_.string() + " failed" +
                                   kBrokenAdvice);
    }
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
    sqlite3_finalize(statement);
}

Statement::Statement(Connection& connection, std::string_view sql) : connection_(&connection) {
    connection.check_usable();
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v3(connection.handle(), sql.data(), static_cast<int>(sql.size()),
                             SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
    statement_.reset(statement);
}

void Statement::check(int code) {
    if (code != SQLITE_OK) {
        connection_->fail(code);
    }
}

void Statement::bind(int index, std::int64_t value) {
    check(sqlite3_bind_int64(statement_.get(), index, value));
}

void Statement::bind(int index, bool value) {
    check(sqlite3_bind_int64(statement_.get(), index, value ? 1 : 0));
}

void Statement::bind(int index, std::string_view text) {
    // A null pointer would bind NULL; an empty text is not an absent one.
    char const* const data = text.data() == nullptr ? "" : text.data();
    check(sqlite3_bind_text64(statement_.get(), index, data, text.size(), SQLITE_STATIC,
                              SQLITE_UTF8));
}

void Statement::bind(int index, Instant instant) {
    bind(index, std::int64_t{instant.time_since_epoch().count()});
}

void Statement::bind(int index, Blob blob) {
    check(sqlite3_bind_blob64(statement_.get(), index, blob.bytes.data(), blob.bytes.size(),
                              SQLITE_STATIC));
}

void Statement::bind(int index, SqlPointer pointer) {
    // The interface takes a mutable pointer; our functions take it back as what it was.
    check(sqlite3_bind_pointer(statement_.get(), index, const_cast<void*>(pointer.target),
                               pointer.kind, nullptr));
}

void Statement::bind_null(int index) { check(sqlite3_bind_null(statement_.get(), index)); }

Rows::~Rows() {
    // The result repeats the last step's, which was reported.
    sqlite3_reset(statement_.statement_.get());
    sqlite3_clear_bindings(statement_.statement_.get());
}

bool Rows::next() {
    statement_.connection_->check_usable();
    int const code = sqlite3_step(statement_.statement_.get());
    if (code == SQLITE_ROW) {
        return true;
    }
    if (code != SQLITE_DONE) {
        statement_.connection_->fail(code);
    }
    return false;
}

bool Rows::is_null(int column) const {
    return sqlite3_column_type(statement_.statement_.get(), column) == SQLITE_NULL;
}

std::int64_t Rows::integer(int column) const {
    return sqlite3_column_int64(statement_.statement_.get(), column);
}

std::string_view Rows::text(int column) const {
    auto* const statement = statement_.statement_.get();
    auto const* data = static_cast<char const*>(sqlite3_column_blob(statement, column));
    auto const size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
    return data == nullptr ? std::string_view("") : std::string_view(data, size);
}

Instant Rows::instant(int column) const {
    return Instant(std::chrono::microseconds(integer(column)));
}

std::optional<std::string> Rows::optional_text(int column) const {
    if (is_null(column)) {
        return std::nullopt;
    }
    return std::string(text(column));
}

std::optional<Instant> Rows::optional_instant(int column) const {
    if (is_null(column)) {
        return std::nullopt;
    }
    return instant(column);
}

}  // namespace latchkey::storage
