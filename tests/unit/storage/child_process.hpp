#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>

namespace latchkey::test {

/// Status by which a child says that the machine does not let it test what it is for.
inline constexpr int kChildSkipped = 77;

/// Runs `work` in a child process and returns its exit status; 128 and more: killed by a signal.
/// For what must not befall the test itself: limits, lost rights, another view of the file system.
inline int run_in_child(std::function<int()> const& work) {
    auto const child = ::fork();
    if (child == 0) {
        int status = 1;
        try {
            status = work();
        } catch (std::exception const& error) {
            std::fprintf(stderr, "child: %s\n", error.what());
        }
        std::fflush(nullptr);
        ::_exit(status);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace latchkey::test
