#include "cli/admin_client.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "storage/data_directory.hpp"
#include "storage/sqlite/ballast.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace latchkey::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

/// One line of the report.
struct Check {
    std::string name;
    bool ok;
    std::string detail;
};

constexpr auto kOthers = fs::perms::group_all | fs::perms::others_all;

bool others_may_use(fs::path const& path) {
    return (fs::status(path).permissions() & kOthers) != fs::perms::none;
}

Check check_directory(fs::path const& directory) {
    if (others_may_use(directory)) {
        return {"data directory", false,
                fmt::format("others than its owner can use {}: chmod 700", directory.string())};
    }
    return {"data directory", true, fmt::format("{}, private", directory.string())};
}

Check check_files(fs::path const& directory) {
    std::string open;
    for (auto const& entry : fs::directory_iterator(directory)) {
        if (entry.is_regular_file() && others_may_use(entry.path())) {
            open += open.empty() ? "" : ", ";
            open += entry.path().filename().string();
        }
    }
    return open.empty() ? Check{"files", true, "private"}
                        : Check{"files", false,
                                fmt::format("others than their owner can use {}: chmod 600", open)};
}

Check check_ballast(fs::path const& directory) {
    std::error_code error;
    auto const bytes = fs::file_size(directory / storage::kBallastFileName, error);
    if (error || std::cmp_not_equal(bytes, storage::kBallastBytes)) {
        return {"ballast", false,
                "no room is held back for when the disk is full: make room on it, then restart "
                "latchkey"};
    }
    return {"ballast", true, "held"};
}

/// What can be seen of the files, before anything opens the store and mends some of it.
std::vector<Check> check_data(fs::path const& directory) {
    std::error_code error;
    if (!fs::is_directory(directory, error)) {
        return {};  // of a server elsewhere, or named wrongly: asking the store tells
    }
    try {
        std::vector<Check> checks = {check_directory(directory), check_files(directory)};
        if (fs::exists(directory / storage::kDatabaseFileName)) {
            checks.push_back(check_ballast(directory));
        }
        return checks;
    } catch (fs::filesystem_error const& failure) {
        return {{"data directory", false, failure.what()}};
    }
}

/// What the running server, or the store itself where none runs, finds in it.
std::vector<Check> check_store(server::Settings settings) {
    auto const answer =
        call_admin(std::move(settings), {.method = "GET", .path = "/admin/v1/doctor", .body = {}});
    if (!answer) {
        return {{"store", false, answer.error().message}};
    }
    std::vector<Check> checks;
    for (auto const& check : answer->at("checks").as_array()) {
        auto const& members = check.as_object();
        checks.push_back(
            {text(members, "name"), members.at("ok").as_bool(), text(members, "detail")});
    }
    return checks;
}

void print(std::vector<Check> const& checks) {
    for (auto const& check : checks) {
        fmt::print("{:<6} {:<15} {}\n", check.ok ? "ok" : "FAILED", check.name, check.detail);
    }
}

void print_as_json(std::vector<Check> const& checks, bool all_well) {
    json::array list;
    for (auto const& check : checks) {
        list.push_back(
            json::object{{"name", check.name}, {"ok", check.ok}, {"detail", check.detail}});
    }
    print_json(json::object{{"ok", all_well}, {"checks", std::move(list)}});
}

}  // namespace

int doctor(server::Settings settings, bool as_json) {
    auto checks = check_data(settings.data);
    for (auto& check : check_store(std::move(settings))) {
        checks.push_back(std::move(check));
    }
    bool all_well = true;
    for (auto const& check : checks) {
        all_well = all_well && check.ok;
    }
    as_json ? print_as_json(checks, all_well) : print(checks);
    return all_well ? kDone : kFailed;
}

}  // namespace latchkey::cli
