#pragma once

#include "support/temporary_directory.hpp"

#include <sys/types.h>

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace latchkey::test {

/// `latchkey serve`, the real program, on free ports of 127.0.0.1 with a data directory of its own.
/// The program is the one that `LATCHKEY_BINARY` names, else the one of this build. Ended with
/// this.
///
/// Throws `std::runtime_error` with what the program wrote where it does not do its part.
class RealServer {
public:
    static constexpr char const* kApiKey = "realkey01";
    static constexpr char const* kApiSecret = "real-secret-0123456789abcdefghijklmnopqrstuvwxyz";

    enum class Mode : bool { Development, Production };

    /// Starts it, and waits until it listens.
    explicit RealServer(Mode mode = Mode::Production);
    /// Ends it at once, and fails the test where a secret or a token stands in its log.
    ~RealServer();
    RealServer(RealServer const&) = delete;
    RealServer& operator=(RealServer const&) = delete;

    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

    /// Ends it as an operator would, and waits until it has ended well.
    void stop();
    /// Ends it as a power cut would, as far as a process can be.
    void kill();
    /// Starts it again: the same data, the same port.
    void start();
    /// Runs another command of the program on the server's data, to its end, which has to be a good
    /// one.
    void run(std::vector<std::string> arguments);

private:
    void read_output(int descriptor);
    [[nodiscard]] bool wait_until_it_listens();
    [[nodiscard]] int wait_for_end();
    void check_log() const;

    Mode mode_;
    TemporaryDirectory data_;
    std::uint16_t port_ = 0;  ///< 0: not known yet
    pid_t process_ = 0;       ///< 0: none

    std::mutex mutex_;
    std::condition_variable said_;
    std::string output_;       ///< of all runs
    std::size_t started_ = 0;  ///< where the output of the present run begins
    bool ended_ = true;        ///< the present run says no more
    std::thread reader_;
};

}  // namespace latchkey::test
