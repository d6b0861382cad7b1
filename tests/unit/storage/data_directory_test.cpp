#include "unit/storage/child_process.hpp"
#include "unit/storage/store_fixture.hpp"

#include <sys/stat.h>
#include <unistd.h>

namespace latchkey {
namespace {

namespace fs = std::filesystem;
using storage::DataDirectory;
using test::failure_of;
using testing::HasSubstr;

class DataDirectoryTest : public test::StoreFixture {};

fs::perms mode_of(fs::path const& path) { return fs::status(path).permissions(); }

TEST_F(DataDirectoryTest, MakesAPrivateDirectory) {
    auto const directory = DataDirectory::open(path());
    EXPECT_EQ(mode_of(path()), fs::perms::owner_all);
    EXPECT_EQ(mode_of(path("lock")), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(DataDirectoryTest, LeavesTheModeOfADirectoryThatExists) {
    fs::create_directory(path());
    fs::permissions(path(), fs::perms(0750));
    auto const directory = DataDirectory::open(path());
    EXPECT_EQ(mode_of(path()), fs::perms(0750));
}

TEST_F(DataDirectoryTest, TellsASecondHolderWhoHoldsIt) {
    {
        auto const first = DataDirectory::open(path());
        auto const failure = failure_of([&] { std::ignore = DataDirectory::open(path()); });
        EXPECT_THAT(failure, HasSubstr(path().string()));
        EXPECT_THAT(failure, HasSubstr("process " + std::to_string(::getpid())));
    }
    EXPECT_EQ(failure_of([&] { std::ignore = DataDirectory::open(path()); }), "");
}

TEST_F(DataDirectoryTest, IsHeldAgainstAnotherProcess) {
    auto const first = DataDirectory::open(path());
    auto const status = test::run_in_child([&] {
        return failure_of([&] { std::ignore = DataDirectory::open(path()); }).empty() ? 1 : 0;
    });
    EXPECT_EQ(status, 0);
}

TEST_F(DataDirectoryTest, RefusesWhatIsNoDirectory) {
    test::write_file(path(), "a file");
    EXPECT_THAT(failure_of([&] { std::ignore = DataDirectory::open(path()); }),
                HasSubstr("no directory"));
}

TEST_F(DataDirectoryTest, RefusesAPlaceWithoutAParent) {
    EXPECT_THAT(failure_of([&] { std::ignore = DataDirectory::open(path() / "deeper"); }),
                HasSubstr("cannot create"));
}

TEST_F(DataDirectoryTest, RefusesADirectoryThatCannotBeWrittenTo) {
    fs::create_directory(path());
    fs::permissions(path(), fs::perms(0555));
    fs::permissions(directory_.path(), fs::perms(0755));
    auto const status = test::run_in_child([&] {
        constexpr uid_t kNobody = 65534;
        if (::geteuid() == 0 && ::setresuid(kNobody, kNobody, kNobody) != 0) {
            return test::kChildSkipped;  // root may write everywhere
        }
        auto const failure = failure_of([&] { std::ignore = DataDirectory::open(path()); });
        return failure.contains("cannot be written to") ? 0 : 1;
    });
    if (status == test::kChildSkipped) {
        GTEST_SKIP() << "rights cannot be given up here";
    }
    EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace latchkey
