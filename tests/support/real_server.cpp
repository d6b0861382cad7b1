#include "support/real_server.hpp"

#include "support/tcp_socket.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

namespace latchkey::test {
namespace {

constexpr int kCannotRun = 127;  // as a shell says it

std::string find_binary() {
    auto const* const given = std::getenv("LATCHKEY_BINARY");  // NOLINT(concurrency-mt-unsafe)
    return given != nullptr ? given : LATCHKEY_BUILT_BINARY;
}

/// Nothing of the machine's own settings reaches the program.
std::vector<std::string> make_environment(RealServer::Mode mode) {
    std::vector<std::string> environment = {
        "LATCHKEY_API_KEY=" + std::string(RealServer::kApiKey),
        "LATCHKEY_API_SECRET=" + std::string(RealServer::kApiSecret),
        std::string("LATCHKEY_APP_MODE=") +
            (mode == RealServer::Mode::Production ? "production" : "development")};
    for (auto const* const name : {"PATH", "TMPDIR", "ASAN_OPTIONS", "TSAN_OPTIONS"}) {
        auto const* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
        if (value != nullptr) {
            environment.push_back(std::string(name) + '=' + value);
        }
    }
    return environment;
}

std::vector<char*> to_pointers(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (auto& text : texts) {
        pointers.push_back(text.data());
    }
    pointers.push_back(nullptr);
    return pointers;
}

/// Of the program, which writes to `output`.
pid_t spawn(std::vector<std::string> arguments, RealServer::Mode mode, int output) {
    arguments.insert(arguments.begin(), find_binary());
    auto environment = make_environment(mode);
    auto const argv = to_pointers(arguments);
    auto const envp = to_pointers(environment);
    auto const child = ::fork();
    if (child == 0) {
        // Other threads may have held any lock at the fork, so nothing here takes one.
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // no server outlives a test that crashed
        ::dup2(output, STDOUT_FILENO);
        ::dup2(output, STDERR_FILENO);
        ::execve(argv.front(), argv.data(), envp.data());
        ::_exit(kCannotRun);
    }
    if (child < 0) {
        throw std::system_error(errno, std::generic_category(), "fork");
    }
    return child;
}

}  // namespace

RealServer::RealServer(Mode mode) : mode_(mode) { start(); }

RealServer::~RealServer() {
    if (process_ != 0) {
        ::kill(process_, SIGKILL);
        (void)wait_for_end();
    }
    check_log();
}

void RealServer::start() {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
        throw std::system_error(errno, std::generic_category(), "pipe");
    }
    process_ = spawn(
        {"serve", "--listen", "127.0.0.1:" + std::to_string(port_), "--admin-listen", "127.0.0.1:0",
         "--data", data_.path().string(), "--log-format", "json", "--rate-limits", "false"},
        mode_, pipe[1]);
    ::close(pipe[1]);
    {
        std::scoped_lock const lock(mutex_);
        started_ = output_.size();
        ended_ = false;
    }
    reader_ = std::thread([this, descriptor = pipe[0]] { read_output(descriptor); });
    if (!wait_until_it_listens()) {
        kill();
        throw std::runtime_error("the server did not start:\n" + output_);
    }
}

void RealServer::stop() {
    ::kill(process_, SIGTERM);
    auto const status = wait_for_end();
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        throw std::runtime_error("the server did not end well:\n" + output_);
    }
}

void RealServer::kill() {
    ::kill(process_, SIGKILL);
    (void)wait_for_end();
}

void RealServer::run(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--data", data_.path().string()});
    auto const child = spawn(std::move(arguments), mode_, STDOUT_FILENO);
    int status = 0;
    if (::waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        throw std::runtime_error("a command of the program failed");
    }
}

void RealServer::read_output(int descriptor) {
    std::array<char, 4096> buffer{};
    for (;;) {
        auto const size = ::read(descriptor, buffer.data(), buffer.size());
        if (size < 0 && errno == EINTR) {
            continue;
        }
        std::scoped_lock const lock(mutex_);
        if (size <= 0) {
            ended_ = true;
            said_.notify_all();
            break;
        }
        output_.append(buffer.data(), static_cast<std::size_t>(size));
        said_.notify_all();
    }
    ::close(descriptor);
}

bool RealServer::wait_until_it_listens() {
    constexpr std::string_view kBefore = "\"listen\":\"127.0.0.1:";
    std::unique_lock lock(mutex_);
    auto at = std::string::npos;
    auto const listens = [this, &at, kBefore] {
        at = output_.find(kBefore, started_);
        return at != std::string::npos && output_.find('\n', at) != std::string::npos;
    };
    said_.wait_for(lock, kGenerous, [this, &listens] { return listens() || ended_; });
    if (!listens()) {
        return false;
    }
    auto const* const digits = output_.data() + at + kBefore.size();
    std::from_chars(digits, output_.data() + output_.size(), port_);
    return true;
}

/// Its status, as `waitpid` tells it.
int RealServer::wait_for_end() {
    {
        std::unique_lock lock(mutex_);
        if (!said_.wait_for(lock, kGenerous, [this] { return ended_; })) {
            ::kill(process_, SIGKILL);  // so that the wait below has an end, and a bad one
        }
    }
    int status = 0;
    ::waitpid(process_, &status, 0);
    process_ = 0;
    reader_.join();
    return status;
}

/// Everybody has ended who could write to it.
void RealServer::check_log() const {
    EXPECT_FALSE(output_.contains(kApiSecret)) << "the secret is in the log";
    // Every header of a JWT begins with `{"`, which is `eyJ` in base64url.
    EXPECT_FALSE(output_.contains("eyJ")) << "what looks like a token is in the log";
    if (testing::Test::HasFailure()) {
        ADD_FAILURE() << "the server wrote:\n" << output_;
    }
}

}  // namespace latchkey::test
