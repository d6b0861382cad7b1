#include "cli/new_password.hpp"

#include "domain/passwords.hpp"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <istream>
#include <optional>
#include <utility>

namespace latchkey::cli {
namespace {

constexpr char kInterrupt = '\x03';  // Ctrl-C, where the terminal makes no signal of it

std::unexpected<CommandError> fail(std::string message) {
    return std::unexpected(CommandError{std::move(message)});
}

/// Lets a terminal show nothing of what is typed, nor end the program before it shows it again.
class SilentTerminal {
public:
    SilentTerminal() {
        if (::tcgetattr(STDIN_FILENO, &before_) != 0) {
            return;
        }
        auto silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
        changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
    }
    ~SilentTerminal() {
        if (changed_) {
            ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
        }
    }
    SilentTerminal(SilentTerminal const&) = delete;
    SilentTerminal& operator=(SilentTerminal const&) = delete;

    [[nodiscard]] bool is_silent() const { return changed_; }

private:
    termios before_{};
    bool changed_ = false;
};

/// Empty: interrupted, or the terminal ended.
std::optional<std::string> ask(std::string_view what) {
    fmt::print(stderr, "{}: ", what);
    std::string line;
    bool const read = static_cast<bool>(std::getline(std::cin, line));
    fmt::print(stderr, "\n");
    return read && line.find(kInterrupt) == std::string::npos ? std::optional(std::move(line))
                                                              : std::nullopt;
}

std::expected<Secret, CommandError> ask_twice() {
    SilentTerminal const terminal;
    if (!terminal.is_silent()) {
        return fail("this terminal would show the password: use --password-file");
    }
    auto first = ask("Password");
    auto const second = first ? ask("The same again") : std::nullopt;
    if (!first || !second) {
        return fail("no password was given");
    }
    if (*first != *second) {
        return fail("these were two different passwords");
    }
    return Secret(*std::move(first));
}

/// One byte more than a password has: a longer one is refused in place of cut.
constexpr std::size_t kReadMax = domain::kPasswordBytesMax + 3;

std::expected<Secret, CommandError> read_all(std::istream& in, std::string_view from) {
    std::string text(kReadMax, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.ends_with('\n')) {
        text.pop_back();
        if (text.ends_with('\r')) {
            text.pop_back();
        }
    }
    if (text.empty()) {
        return fail(fmt::format("there is no password in {}", from));
    }
    return Secret(std::move(text));
}

}  // namespace

std::expected<Secret, CommandError> read_new_password(std::string const& file) {
    if (!file.empty()) {
        std::ifstream in(file, std::ios::binary);
        return in ? read_all(in, file) : fail(fmt::format("cannot read {}", file));
    }
    return ::isatty(STDIN_FILENO) == 1 ? ask_twice() : read_all(std::cin, "standard input");
}

}  // namespace latchkey::cli
