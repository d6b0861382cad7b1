#include "storage/sqlite/user_walk_sql.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace latchkey::storage {
namespace {

using domain::UserState;
using domain::UserWalk;

/// The first text, by its bytes, behind all that begin with `prefix`; empty: there is none.
std::string end_of(std::string prefix) {
    while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) {
        prefix.pop_back();
    }
    if (!prefix.empty()) {
        prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
    }
    return prefix;
}

std::string_view condition_of(UserState state) {
    switch (state) {
        case UserState::Any: return "";
        case UserState::Active: return " AND deactivated_at IS NULL AND deleted_at IS NULL";
        case UserState::Revoked:
            return " AND revoke_tokens_issued_before IS NOT NULL AND deleted_at IS NULL";
        case UserState::Deactivated:
            return " AND deactivated_at IS NOT NULL AND deleted_at IS NULL";
        case UserState::Deleted: return " AND deleted_at IS NOT NULL";
    }
    std::unreachable();
}

/// Whether all that come past are in the index of users whose standing is not ordinary.
bool is_exceptional(UserWalk const& walk) {
    return walk.state == UserState::Revoked || walk.state == UserState::Deactivated ||
           walk.state == UserState::Deleted || (walk.role && *walk.role != domain::kRoleUser);
}

class Writer {
public:
    explicit Writer(UserWalk const& walk) : walk_(walk) {}

    WalkSql write() {
        bool const by_id = walk_.order == UserWalk::Order::Id;
        if (by_id) {
            out_.sql = is_exceptional(walk_) ? " INDEXED BY users_with_standing" : "";
        } else {
            out_.sql = " INDEXED BY users_by_name";
        }
        out_.sql += " WHERE app_id = ?";
        write_start(by_id);
        if (auto end = end_of(walk_.prefix); !end.empty()) {
            add(by_id ? " AND id < ?" : " AND name < ?", std::move(end));
        }
        if (!walk_.except_id_prefix.empty()) {
            add(" AND lower(substr(id, 1, ?)) <>",
                static_cast<std::int64_t>(walk_.except_id_prefix.size()));
            add(" lower(?)", walk_.except_id_prefix);
        }
        out_.sql += condition_of(walk_.state);
        if (walk_.role) {
            // That it is none of the ordinary is what the index wants to be told.
            out_.sql += *walk_.role == domain::kRoleUser ? "" : " AND role <> 'user'";
            add(" AND role = ?", *walk_.role);
        }
        out_.sql += by_id ? " ORDER BY id" : " ORDER BY name, id";
        add(" LIMIT ?", static_cast<std::int64_t>(walk_.limit));
        return std::move(out_);
    }

private:
    /// Where the walk begins: one bound, for of two SQLite would follow the one and not the other.
    void write_start(bool by_id) {
        if (by_id) {
            if (!walk_.after_id.empty() && walk_.after_id >= walk_.prefix) {
                add(" AND id > ?", walk_.after_id);
            } else {
                add(" AND id >= ?", walk_.prefix);
            }
            return;
        }
        out_.sql += " AND deleted_at IS NULL";
        add(" AND name >= ?", std::max(walk_.prefix, walk_.after_name));
        if (!walk_.after_id.empty()) {
            add(" AND (name, id) > (?,", walk_.after_name);
            add(" ?)", walk_.after_id);
        }
    }
    void add(std::string_view sql, std::variant<std::int64_t, std::string> value) {
        out_.sql += sql;
        out_.values.push_back(std::move(value));
    }

    UserWalk const& walk_;
    WalkSql out_;
};

}  // namespace

WalkSql walk_sql(UserWalk const& walk) { return Writer(walk).write(); }

}  // namespace latchkey::storage
