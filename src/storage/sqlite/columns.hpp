#pragma once

#include "domain/store.hpp"
#include "storage/json_text.hpp"
#include "storage/sqlite/connection.hpp"

#include <latchkey/base/ids.hpp>

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// How values that are more than a number or a text stand in columns.
namespace latchkey::storage {

inline std::int64_t number_of(AppId app) { return static_cast<std::int64_t>(app); }

/// @throws domain::StoreFailure: a row of `table` holds what was never written there.
[[noreturn]] inline void throw_damaged(std::string_view table) {
    throw domain::StoreFailure("the table " + std::string(table) +
                               " of the store is damaged: stop latchkey and restore a backup");
}

/// NULL for an empty one: most users have none, and reading NULL costs nothing.
inline std::optional<std::string> object_column(boost::json::object const& object) {
    return object.empty() ? std::nullopt : std::optional(format_json(object));
}

inline std::optional<std::string> list_column(std::vector<std::string> const& list) {
    return list.empty() ? std::nullopt
                        : std::optional(format_json(boost::json::array(list.begin(), list.end())));
}

inline boost::json::object read_object(Rows const& rows, int column, std::string_view table) {
    if (rows.is_null(column)) {
        return {};
    }
    auto object = parse_json_object(rows.text(column));
    if (!object) {
        throw_damaged(table);
    }
    return *std::move(object);
}

/// Empty where `text` is not a JSON array of texts.
inline std::optional<std::vector<std::string>> parse_list(std::string_view text) {
    auto const array = parse_json_array(text);
    if (!array) {
        return std::nullopt;
    }
    std::vector<std::string> list;
    list.reserve(array->size());
    for (auto const& item : *array) {
        if (!item.is_string()) {
            return std::nullopt;
        }
        list.emplace_back(item.get_string());
    }
    return list;
}

inline std::vector<std::string> read_list(Rows const& rows, int column, std::string_view table) {
    if (rows.is_null(column)) {
        return {};
    }
    auto list = parse_list(rows.text(column));
    if (!list) {
        throw_damaged(table);
    }
    return *std::move(list);
}

}  // namespace latchkey::storage
