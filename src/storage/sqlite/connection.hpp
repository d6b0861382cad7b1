#pragma once

#include <latchkey/base/instant.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

/// SQLite's C interface as values that close themselves.
///
/// Errors: a disk that cannot do its work is a `domain::StoreFailure`; a statement that is wrong,
/// or that a constraint refuses, is a bug of ours and a `std::logic_error`.
namespace latchkey::storage {

/// What the last error says about the file.
enum class Health : std::uint8_t {
    Good,
    DiskFull,  ///< the last call found no room; another may succeed
    Broken,    ///< reading, writing or syncing failed; never used again
};

/// Any pointer handed to an SQL function of ours; `kind` names its type and outlives the statement.
struct SqlPointer {
    void const* target;
    char const* kind;
};

struct Blob {
    std::string_view bytes;
};

class Rows;

/// One open database file. Not thread-safe.
class Connection {
public:
    /// Opens `path`, which exists, for this process alone (`locking_mode=EXCLUSIVE`), and leaves it
    /// as it is, also when it is closed, until `use_write_ahead_log`.
    explicit Connection(std::filesystem::path const& path);
    ~Connection();
    Connection(Connection const&) = delete;
    Connection& operator=(Connection const&) = delete;

    void use_write_ahead_log();

    /// Runs statements that yield no rows. `sql` is a text of ours, never a caller's.
    void execute(char const* sql);

    /// Moves the log's pages into the database once they are many. Fails like a write.
    void checkpoint_when_due();

    /// Undoes the open transaction, if there is one. Where that fails the handle counts as broken.
    void roll_back() noexcept;

    /// For deciding what to do after a `StoreFailure`.
    [[nodiscard]] Health health() const noexcept { return health_; }
    /// Rows that the last statement wrote.
    [[nodiscard]] std::int64_t changed_rows() const noexcept;

    [[nodiscard]] sqlite3* handle() const noexcept { return handle_.get(); }

    /// @throws as said above, for the result `code` of a call on this handle that was no success.
    [[noreturn]] void fail(int code);
    /// @throws domain::StoreFailure where the handle is not to be used any more.
    void check_usable() const;

private:
    struct Close {
        void operator()(sqlite3* handle) const noexcept;
    };

    std::filesystem::path path_;
    std::unique_ptr<sqlite3, Close> handle_;
    Health health_ = Health::Good;
    int logged_pages_ = 0;
};

/// A prepared statement, to be run any number of times, one at a time.
class Statement {
public:
    /// `connection` outlives this object.
    Statement(Connection& connection, std::string_view sql);
    Statement(Statement&&) noexcept = default;

    /// Starts it with `values` for its parameters, in order. The texts live until the rows are
    /// gone.
    template <typename... Values>
    [[nodiscard]] Rows query(Values const&... values);

    /// Runs it to its end.
    template <typename... Values>
    void run(Values const&... values);

    // Binding one parameter; the first is 1.
    void bind(int index, std::int64_t value);
    void bind(int index, bool value);
    void bind(int index, std::string_view text);
    void bind(int index, char const* text) = delete;  // would be taken for a bool
    void bind(int index, Instant instant);
    void bind(int index, Blob blob);
    void bind(int index, SqlPointer pointer);
    void bind_null(int index);
    template <typename Value>
    void bind(int index, std::optional<Value> const& value);

private:
    friend class Rows;
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const noexcept;
    };
    void check(int code);

    Connection* connection_;
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// The rows of one run of a statement. Columns count from 0; texts live until the next row.
class Rows {
public:
    explicit Rows(Statement& statement) : statement_(statement) {}
    ~Rows();
    Rows(Rows const&) = delete;
    Rows& operator=(Rows const&) = delete;

    /// Goes to the next row, the first at first. False: there is none.
    [[nodiscard]] bool next();

    [[nodiscard]] bool is_null(int column) const;
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] bool boolean(int column) const { return integer(column) != 0; }
    [[nodiscard]] std::string_view text(int column) const;
    [[nodiscard]] Instant instant(int column) const;
    [[nodiscard]] std::optional<std::string> optional_text(int column) const;
    [[nodiscard]] std::optional<Instant> optional_instant(int column) const;

private:
    Statement& statement_;
};

template <typename Value>
void Statement::bind(int index, std::optional<Value> const& value) {
    value ? bind(index, *value) : bind_null(index);
}

template <typename... Values>
Rows Statement::query(Values const&... values) {
    int index = 0;
    (bind(++index, values), ...);
    return Rows(*this);
}

template <typename... Values>
void Statement::run(Values const&... values) {
    auto rows = query(values...);
    while (rows.next()) {
    }
}

}  // namespace latchkey::storage
