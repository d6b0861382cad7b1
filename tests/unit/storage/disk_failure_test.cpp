#include "storage/sqlite/ballast.hpp"
#include "unit/storage/child_process.hpp"
#include "unit/storage/store_fixture.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>

namespace latchkey {
namespace {

namespace fs = std::filesystem;
using test::failure_of;
using test::run_in_child;

class DiskFailure : public test::StoreFixture {
protected:
    static domain::User big_user(std::string_view id) {
        auto user = test::revoked_user(id);
        user.custom["text"] = std::string(100'000, 'x');
        return user;
    }
    static std::string failure_to_put(domain::Store& store, domain::User const& user) {
        return failure_of([&] { put_user(store, AppId(1), user); });
    }
};

/// Conditions of a child process, which has no GoogleTest: the first that fails is its status.
#define REQUIRE_IN_CHILD(condition)                                                  \
    if (!(condition)) {                                                              \
        std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
        return 1;                                                                    \
    }

/// Gives this process a file system of its own, of `bytes`, at `path`. Needs rights that a
/// container may withhold.
bool mount_small_disk(fs::path const& path, std::string const& bytes) {
    auto const uid = std::to_string(::geteuid());
    auto const gid = std::to_string(::getegid());
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) {
        return false;
    }
    // In a user namespace of its own, where nobody has a number until this says so.
    test::write_file("/proc/self/setgroups", "deny");
    test::write_file("/proc/self/uid_map", uid + " " + uid + " 1");
    test::write_file("/proc/self/gid_map", gid + " " + gid + " 1");
    return ::mount("tmpfs", path.c_str(), "tmpfs", 0, ("size=" + bytes).c_str()) == 0;
}

constexpr std::size_t kRevocationsMax = 20'000;
constexpr int kRevocationsOnBallast = 20;

TEST_F(DiskFailure, StoresARevocationOnAFullDiskByGivingUpItsBallast) {
    fs::create_directory(path());
    auto const status = run_in_child([&] {
        if (!mount_small_disk(path(), "12m")) {
            return test::kChildSkipped;
        }
        auto const store = open();
        insert_app(*store);
        REQUIRE_IN_CHILD(fs::exists(path("ballast")));
        std::size_t stored = 0;
        std::string failure;
        auto const revoke_next = [&] {
            failure = failure_to_put(*store, test::revoked_user("u" + std::to_string(stored)));
            stored += failure.empty() ? 1U : 0U;
        };
        while (failure.empty() && stored < kRevocationsMax) {
            revoke_next();
        }
        REQUIRE_IN_CHILD(failure.contains("disk is full"));
        REQUIRE_IN_CHILD(log_.has("store.disk_full") && log_.has("store.ballast_released"));
        REQUIRE_IN_CHILD(!fs::exists(path("ballast")));
        REQUIRE_IN_CHILD(count_users(*store, AppId(1)) == stored);
        // The very revocation that found no room is stored at the next attempt, and more after it.
        for (int i = 0; i < kRevocationsOnBallast; ++i) {
            revoke_next();
            REQUIRE_IN_CHILD(failure.empty());
        }
        test::Discard reader;
        REQUIRE_IN_CHILD(store->load(reader) == stored + 1);
        return 0;
    });
    if (status == test::kChildSkipped) {
        GTEST_SKIP() << "no file system can be mounted here";
    }
    EXPECT_EQ(status, 0);
}

TEST_F(DiskFailure, TakesNoBallastFromADiskThatIsNearlyFull) {
    fs::create_directory(path());
    auto const status = run_in_child([&] {
        if (!mount_small_disk(path(), "6m")) {
            return test::kChildSkipped;
        }
        auto const store = open();
        REQUIRE_IN_CHILD(!fs::exists(path("ballast")));
        REQUIRE_IN_CHILD(log_.has("store.ballast_missing"));
        return 0;
    });
    if (status == test::kChildSkipped) {
        GTEST_SKIP() << "no file system can be mounted here";
    }
    EXPECT_EQ(status, 0);
}

TEST_F(DiskFailure, NeverUsesAFileAgainAfterAWriteToItFailed) {
    auto const status = run_in_child([&] {
        auto store = open();
        insert_app(*store);
        REQUIRE_IN_CHILD(failure_to_put(*store, test::revoked_user("before")).empty());
        // Beyond this size a write fails with EFBIG, which no retry mends: to SQLite an I/O error.
        std::signal(SIGXFSZ, SIG_IGN);
        rlimit limit = {};
        REQUIRE_IN_CHILD(::getrlimit(RLIMIT_FSIZE, &limit) == 0);
        auto const unlimited = limit;
        limit.rlim_cur = fs::file_size(path("latchkey.db-wal")) + 8192;
        REQUIRE_IN_CHILD(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
        auto const failure = failure_to_put(*store, big_user("during"));
        REQUIRE_IN_CHILD(::setrlimit(RLIMIT_FSIZE, &unlimited) == 0);
        REQUIRE_IN_CHILD(failure.contains("restart latchkey"));
        REQUIRE_IN_CHILD(log_.has("store.broken"));
        REQUIRE_IN_CHILD(!log_.has("store.ballast_released"));
        // The disk is well again, and the store does not trust it.
        REQUIRE_IN_CHILD(!failure_to_put(*store, test::revoked_user("after")).empty());
        test::Discard reader;
        REQUIRE_IN_CHILD(!failure_of([&] { std::ignore = store->load(reader); }).empty());
        REQUIRE_IN_CHILD(!failure_of([&] { std::ignore = store->changes_after(0, 1); }).empty());
        store.reset();
        auto const anew = open();
        REQUIRE_IN_CHILD(count_users(*anew, AppId(1)) == 1);
        return 0;
    });
    EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace latchkey
