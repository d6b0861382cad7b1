#include "server/local_access.hpp"

#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>

namespace latchkey::server {
namespace {

namespace fs = std::filesystem;

TEST(LocalAccessFile, CanBeReadByItsOwnerOnlyAndGoesWithTheServer) {
    test::TemporaryDirectory const directory;
    auto const path = directory.path() / kLocalAccessFileName;
    {
        LocalAccessFile const file(directory.path(),
                                   {.host = "::1", .port = 8081, .credential = Secret("hush")});
        EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
        auto const access = read_local_access(directory.path());
        EXPECT_EQ(access->host, "::1");
        EXPECT_EQ(access->port, 8081);
        EXPECT_EQ(access->credential.reveal(), "hush");
    }
    EXPECT_FALSE(fs::exists(path));
    EXPECT_FALSE(read_local_access(directory.path()));
}

TEST(LocalAccessFile, ReplacesOneThatAKilledServerLeft) {
    test::TemporaryDirectory const directory;
    std::ofstream(directory.path() / kLocalAccessFileName) << "left over";
    std::ofstream(directory.path() / (std::string(kLocalAccessFileName) + ".new"))
        << "half written";
    LocalAccessFile const file(directory.path(),
                               {.host = "127.0.0.1", .port = 1, .credential = Secret("a")});
    EXPECT_EQ(read_local_access(directory.path())->port, 1);
}

TEST(ReadLocalAccess, TakesNothingThatIsNotSuchAFile) {
    test::TemporaryDirectory const directory;
    for (auto const* text : {"", "{}", "[]", R"({"host":"a","port":0,"credential":"c"})",
                             R"({"host":"a","port":70000,"credential":"c"})",
                             R"({"host":1,"port":1,"credential":"c"})"}) {
        std::ofstream(directory.path() / kLocalAccessFileName) << text;
        EXPECT_FALSE(read_local_access(directory.path())) << text;
    }
}

}  // namespace
}  // namespace latchkey::server
