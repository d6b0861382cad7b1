#include "unit/storage/store_fixture.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <random>

namespace latchkey {
namespace {

constexpr int kRounds = 6;
constexpr std::size_t kAcknowledgedMax = 100;

/// Starts the victim, kills it behind its `acknowledgements`-th one, and returns the last number
/// that it acknowledged before it died.
std::uint64_t run_victim(std::filesystem::path const& directory, std::uint64_t first,
                         std::size_t acknowledgements) {
    int ends[2] = {};
    EXPECT_EQ(::pipe(ends), 0);
    auto const child = ::fork();
    if (child == 0) {
        ::dup2(ends[1], STDOUT_FILENO);
        ::close(ends[0]);
        ::close(ends[1]);
        auto const text = std::to_string(first);
        ::execl(LATCHKEY_STORAGE_VICTIM, "storage_victim", directory.c_str(), text.c_str(),
                static_cast<char*>(nullptr));
        ::_exit(127);
    }
    ::close(ends[1]);
    std::uint64_t last = 0;
    std::uint64_t number = 0;
    std::size_t count = 0;
    while (::read(ends[0], &number, sizeof number) == sizeof number) {
        last = number;
        if (++count == acknowledgements) {
            ::kill(child, SIGKILL);  // It goes on until the signal arrives: somewhere in a commit.
        }
    }
    ::close(ends[0]);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the victim ended by itself";
    return last;
}

using UncleanExit = test::StoreFixture;

TEST_F(UncleanExit, KeepsEveryAcknowledgedWriteOfAKilledProcess) {
    std::mt19937_64 engine(20260101);
    std::uint64_t first = 1;
    for (int round = 0; round < kRounds; ++round) {
        auto const last = run_victim(path(), first, engine() % kAcknowledgedMax + 1);
        ASSERT_GE(last, first);
        auto const store = open();
        // At most one commit was durable and not yet acknowledged, and no other may be missing.
        auto const stored = count_users(*store, AppId(1));
        EXPECT_GE(stored, last);
        EXPECT_LE(stored, last + 1);
        test::Discard reader;
        EXPECT_EQ(store->load(reader), stored + 1);  // and one for the App
        first = stored + 1;
    }
}

}  // namespace
}  // namespace latchkey
