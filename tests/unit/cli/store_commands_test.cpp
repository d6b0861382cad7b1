#include "cli/command_line.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace latchkey::cli {
namespace {

using testing::HasSubstr;

/// Runs commands on a store of their own, without a server.
class StoreCommandsTest : public testing::Test {
protected:
    StoreCommandsTest() {
        EXPECT_EQ(call({"app", "create", "Demo", "--api-key", "demo", "--mode", "production"}), 0);
    }

    test::TemporaryDirectory directory;
    std::string out;
    std::string complaint;

    int call(std::vector<std::string> words) {
        std::string program = "latchkey";
        std::string flag = "--data";
        std::string folder = directory.path().string();
        std::vector<char*> arguments = {program.data()};
        for (auto& word : words) {
            arguments.push_back(word.data());
        }
        arguments.push_back(flag.data());
        arguments.push_back(folder.data());
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        auto const status = run(arguments);
        out = testing::internal::GetCapturedStdout();
        complaint = testing::internal::GetCapturedStderr();
        return status;
    }
    std::string mint() {
        EXPECT_EQ(call({"token", "create", "--user", "john"}), 0);
        return out.substr(0, out.size() - 1);
    }
};

TEST_F(StoreCommandsTest, RevokeTheOnlyAppAndTakeThatBack) {
    auto const token = mint();
    EXPECT_EQ(call({"app", "revoke", "--before", "2999-01-01T00:00:00Z", "--dry-run"}), 0);
    EXPECT_THAT(out, HasSubstr("nothing was changed"));
    EXPECT_EQ(call({"token", "check", token}), 0);
    EXPECT_EQ(call({"app", "revoke", "demo", "--before", "2999-01-01T00:00:00Z"}), 0);
    EXPECT_EQ(call({"token", "explain", token}), 1);
    EXPECT_THAT(out, HasSubstr("refused: code 40, revoked_for_app"));
    EXPECT_THAT(out, HasSubstr("failed       revocation"));
    EXPECT_THAT(out, HasSubstr("to mend it: "));
    EXPECT_EQ(call({"app", "unrevoke"}), 0);
    EXPECT_EQ(call({"token", "explain", token}), 0);
    EXPECT_THAT(out, HasSubstr("accepted: user john"));
}

TEST_F(StoreCommandsTest, NameTheUserWhomNobodyKnows) {
    EXPECT_EQ(call({"user", "revoke", "nobody"}), 1);
    EXPECT_THAT(complaint, HasSubstr("nobody"));
}

TEST_F(StoreCommandsTest, CallWrongUsageThat) {
    EXPECT_EQ(call({"user", "revoke"}), 2);
    EXPECT_EQ(call({"app", "revoke", "--before", "yesterday"}), 2);
    EXPECT_EQ(call({"app", "unrevoke", "--before", "1h"}), 2);
    EXPECT_EQ(call({"token", "explain"}), 2);
}

TEST_F(StoreCommandsTest, WantAKeyWhereThereAreSeveralApps) {
    EXPECT_EQ(call({"app", "create", "Other", "--api-key", "other"}), 0);
    EXPECT_EQ(call({"app", "revoke"}), 1);
    EXPECT_THAT(complaint, HasSubstr("there are 2 apps"));
    EXPECT_EQ(call({"app", "revoke", "other", "--json"}), 0);
    EXPECT_THAT(out, HasSubstr(R"("changed":true)"));
}

TEST_F(StoreCommandsTest, ShowNoControlCharacterOfAToken) {
    // {"a":"<U+009B>2J"}: what some terminals take for the start of a command.
    EXPECT_EQ(call({"token", "explain", "eyJhbGciOiJIUzI1NiJ9.eyJhIjoiwpsySiJ9.AAAA"}), 1);
    EXPECT_THAT(out, HasSubstr("UNVERIFIED"));
    EXPECT_THAT(out, HasSubstr("\"a\": \"?2J\""));
}

}  // namespace
}  // namespace latchkey::cli
