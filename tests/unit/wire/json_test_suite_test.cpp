#include "wire/json.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace latchkey::wire {
namespace {

namespace fs = std::filesystem;

/// The files of the JSON Parsing Test Suite; empty where it is not on this machine.
std::vector<fs::path> suite_files() {
    auto const* given = std::getenv("LATCHKEY_VECTORS");  // NOLINT(concurrency-mt-unsafe)
    auto const vectors = given != nullptr
                             ? fs::path(given)
                             : fs::path(LATCHKEY_SOURCE_DIR).parent_path() / "shared" / "vectors";
    auto const folder = vectors / "jsontestsuite" / "test_parsing";
    std::vector<fs::path> files;
    if (fs::is_directory(folder)) {
        for (auto const& entry : fs::directory_iterator(folder)) {
            files.push_back(entry.path());
        }
    }
    return files;
}

std::string read(fs::path const& file) {
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

/// The parser takes objects only: any other text goes in as a member of one, which must not change
/// whether it is well-formed.
std::expected<boost::json::object, JsonError> parse_any(std::string const& text) {
    auto const direct = parse_json_object(text);
    if (direct || direct.error() != JsonError::NotAnObject) {
        return direct;
    }
    return parse_json_object("{\"x\":" + text + "\n}");
}

bool may_refuse(JsonError error, std::string const& name) {
    return error == JsonError::DuplicateName || error == JsonError::TooDeep ||
           (error == JsonError::Malformed && (name.contains("surrogate") || name.contains("BOM")));
}

TEST(JsonTestSuite, IsParsedAsItsFileNamesSay) {
    auto const files = suite_files();
    if (files.empty()) {
        std::cout << "left out: no JSON test suite; LATCHKEY_VECTORS names its folder\n";
        return;
    }
    std::size_t accepted = 0;
    std::size_t refused = 0;
    for (auto const& file : files) {
        auto const name = file.filename().string();
        auto const text = read(file);
        auto const result = parse_any(text);
        (result ? accepted : refused) += 1;
        if (name.starts_with("n_")) {
            EXPECT_FALSE(result) << name;
            // Wrapping must not heal what is broken.
            EXPECT_FALSE(parse_json_object("{\"x\":" + text + "\n}")) << name;
        } else if (name.starts_with("y_") && !result) {
            EXPECT_TRUE(may_refuse(result.error(), name))
                << name << ": " << describe(result.error());
        }
    }
    EXPECT_GE(files.size(), 300U);
    EXPECT_GE(accepted, 90U);
    EXPECT_GE(refused, 188U);
}

}  // namespace
}  // namespace latchkey::wire
