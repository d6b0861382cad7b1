#pragma once

#include "cli/command_line.hpp"
#include "support/temporary_directory.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::cli {

/// Runs commands on a store of their own, without a server.
class StoreFixture : public testing::Test {
protected:
    test::TemporaryDirectory directory;
    std::string out;        ///< what the last command printed
    std::string complaint;  ///< and on standard error

    [[nodiscard]] std::filesystem::path data() const { return directory.path() / "data"; }

    /// Returns the exit status.
    int call(std::vector<std::string> words) {
        std::string program = "latchkey";
        words.insert(words.end(), {"--data", data().string()});
        std::vector<char*> arguments = {program.data()};
        for (auto& word : words) {
            arguments.push_back(word.data());
        }
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        auto const status = run(arguments);
        out = testing::internal::GetCapturedStdout();
        complaint = testing::internal::GetCapturedStderr();
        return status;
    }
    /// What a command prints that has to be done.
    boost::json::value json(std::vector<std::string> words) {
        words.emplace_back("--json");
        EXPECT_EQ(call(std::move(words)), 0) << complaint;
        return boost::json::parse(out);
    }
};

}  // namespace latchkey::cli
