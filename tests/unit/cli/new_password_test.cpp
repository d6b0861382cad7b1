#include "cli/new_password.hpp"

#include "domain/passwords.hpp"
#include "support/temporary_directory.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

namespace latchkey::cli {
namespace {

constexpr std::string_view kPassword = "correct horse battery";
constexpr int kGenerous = 60'000;  // ms; only a test that fails waits for so long

/// What a child wrote to `descriptor` until it contains `wanted`; all of it where that is empty.
std::string read_until(int descriptor, std::string_view wanted) {
    std::string text;
    while (wanted.empty() || text.find(wanted) == std::string::npos) {
        pollfd waiting = {.fd = descriptor, .events = POLLIN, .revents = 0};
        std::array<char, 256> buffer{};
        auto const size = ::poll(&waiting, 1, kGenerous) == 1
                              ? ::read(descriptor, buffer.data(), buffer.size())
                              : 0;
        if (size <= 0) {
            EXPECT_TRUE(wanted.empty()) << "waited for " << wanted << ", and got: " << text;
            break;
        }
        text.append(buffer.data(), static_cast<std::size_t>(size));
    }
    return text;
}

void write_all(int descriptor, std::string_view text) {
    ASSERT_EQ(::write(descriptor, text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

/// In a child: reads a password and says on `report` what came of it. Does not come back.
[[noreturn]] void report_password(int report, std::string const& file) {
    auto const password = read_new_password(file);
    auto const text = password ? "password: " + std::string(password->reveal())
                               : "refused: " + password.error().message;
    auto const written = ::write(report, text.data(), text.size());
    ::_exit(written == static_cast<ssize_t>(text.size()) ? 0 : 1);
}

std::array<int, 2> make_pipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    return ends;
}

/// Somebody at a terminal who is asked for a password.
class TerminalTest : public testing::Test {
protected:
    TerminalTest() {
        EXPECT_EQ(::openpty(&screen, &line, nullptr, nullptr, nullptr), 0);
        EXPECT_EQ(::tcgetattr(line, &before), 0);
        auto const report = make_pipe();
        child = ::fork();
        if (child == 0) {
            ::login_tty(line);
            report_password(report[1], "");
        }
        ::close(report[1]);
        reported = report[0];
    }
    ~TerminalTest() override {
        for (int const descriptor : {screen, line, reported}) {
            ::close(descriptor);
        }
    }

    /// Waits until it is asked for `what`, then types.
    void type_when_asked(std::string_view what, std::string_view keys) {
        shown += read_until(screen, what);
        EXPECT_EQ(local_flags() & (ECHO | ISIG), 0U) << "what is typed shows";
        write_all(screen, keys);
    }
    /// What came of it, with the terminal as it was before.
    std::string ended() {
        auto const text = read_until(reported, "");
        int status = 0;
        EXPECT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_EQ(status, 0);
        EXPECT_EQ(local_flags(), before.c_lflag) << "the terminal stays silent";
        return text;
    }
    [[nodiscard]] tcflag_t local_flags() const {
        termios now{};
        EXPECT_EQ(::tcgetattr(line, &now), 0);
        return now.c_lflag;
    }

    int screen = -1;
    int line = -1;
    int reported = -1;
    pid_t child = -1;
    termios before{};
    std::string shown;
};

TEST_F(TerminalTest, IsAskedTwiceAndShowsNothingOfIt) {
    type_when_asked("Password: ", std::string(kPassword) + "\n");
    type_when_asked("The same again: ", std::string(kPassword) + "\n");
    EXPECT_EQ(ended(), "password: " + std::string(kPassword));
    EXPECT_EQ(shown.find(kPassword), std::string::npos) << shown;
}

TEST_F(TerminalTest, IsToldOfTwoDifferentPasswords) {
    type_when_asked("Password: ", std::string(kPassword) + "\n");
    type_when_asked("The same again: ", std::string(kPassword) + "!\n");
    EXPECT_EQ(ended(), "refused: these were two different passwords");
}

TEST_F(TerminalTest, CanGiveUpAndGetsTheTerminalBack) {
    type_when_asked("Password: ", "correct\x03\n");
    EXPECT_EQ(ended(), "refused: no password was given");
}

TEST_F(TerminalTest, CanEndInTheMiddle) {
    type_when_asked("Password: ", std::string(kPassword) + "\n");
    type_when_asked("The same again: ", "\x04");  // Ctrl-D
    EXPECT_EQ(ended(), "refused: no password was given");
}

/// What a program says that reads its password from a pipe.
std::string from_pipe(std::string_view text) {
    auto const input = make_pipe();
    auto const report = make_pipe();
    auto const child = ::fork();
    if (child == 0) {
        ::dup2(input[0], STDIN_FILENO);
        ::close(input[1]);
        report_password(report[1], "");
    }
    ::close(input[0]);
    ::close(report[1]);
    write_all(input[1], text);
    ::close(input[1]);
    auto said = read_until(report[0], "");
    ::close(report[0]);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    return said;
}

TEST(ReadNewPassword, TakesAllThatComesFromAPipeButOneLineBreak) {
    EXPECT_EQ(from_pipe("a password\n"), "password: a password");
    EXPECT_EQ(from_pipe("a password\r\n"), "password: a password");
    EXPECT_EQ(from_pipe("a password"), "password: a password");
    EXPECT_EQ(from_pipe(" two\nlines \n\n"), "password:  two\nlines \n");
    EXPECT_EQ(from_pipe(""), "refused: there is no password in standard input");
    EXPECT_EQ(from_pipe("\n"), "refused: there is no password in standard input");
}

TEST(ReadNewPassword, ReadsAFileAsAPipe) {
    test::TemporaryDirectory const directory;
    auto const path = (directory.path() / "password").string();
    EXPECT_FALSE(read_new_password(path));
    std::ofstream(path) << "a password\n";
    EXPECT_EQ(read_new_password(path)->reveal(), "a password");
}

TEST(ReadNewPassword, CutsNoPasswordThatIsTooLong) {
    test::TemporaryDirectory const directory;
    auto const path = (directory.path() / "password").string();
    std::ofstream(path) << std::string(5000, 'x');
    EXPECT_GT(read_new_password(path)->reveal().size(), domain::kPasswordBytesMax);
    std::ofstream(path) << std::string(domain::kPasswordBytesMax, 'x') << "\r\n";
    EXPECT_EQ(read_new_password(path)->reveal().size(), domain::kPasswordBytesMax);
}

}  // namespace
}  // namespace latchkey::cli
