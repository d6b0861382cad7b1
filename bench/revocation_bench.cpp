// revocation_bench PROGRAM [CONNECTIONS]: what a revocation costs from the call to the closed
// socket, on the real program with its store on the disk of the current folder, beside what the
// machine needs for the bare minimum of it: an fdatasync, and a close of a WebSocket by a loop that
// does nothing else. Linux only: CPU is what the scheduler counted for all threads of the measured
// process.
#include <latchkey/base/clock.hpp>
#include <latchkey/token/issue.hpp>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace {

using namespace latchkey;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr std::string_view kApiKey = "benchkey";
constexpr std::string_view kApiSecret = "this-is-a-32-byte-secret-key-012";
constexpr int kConnectionsUsual = 9'000;  // both sides' open files are often capped at 20,000
constexpr int kOpenedAtOnce = 256;
constexpr int kSyncs = 200;
constexpr int kSingleRevocations = 300;
constexpr int kCallers = 64;
constexpr auto kThroughputTime = 3s;
constexpr auto kWaitMax = 30s;

[[noreturn]] void fail(std::string const& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

class File {
public:
    explicit File(int fd) : fd_(fd) {
        if (fd < 0) {
            fail("opening");
        }
    }
    ~File() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    File& operator=(File&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    [[nodiscard]] int fd() const { return fd_; }

private:
    int fd_;
};

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

File connect_to(std::uint16_t port) {
    File socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    auto const address = loopback(port);
    int const on = 1;
    ::setsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(socket.fd(), reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0) {
        fail("connecting");
    }
    return socket;
}

void send_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        auto const sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0) {
            fail("sending");
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

void wait_readable(int fd) {
    pollfd wanted{.fd = fd, .events = POLLIN, .revents = 0};
    if (::poll(&wanted, 1, std::chrono::milliseconds(kWaitMax).count()) <= 0) {
        fail("waiting for an answer");
    }
}

std::size_t receive(int fd, std::string& into) {
    std::array<char, std::size_t{16} * 1024> buffer;
    auto const got = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (got < 0) {
        fail("receiving");
    }
    into.append(buffer.data(), static_cast<std::size_t>(got));
    return static_cast<std::size_t>(got);
}

// --- the server under measurement

/// A process of ours, ended with this.
class Process {
public:
    explicit Process(pid_t pid) : pid_(pid) {
        if (pid < 0) {
            fail("fork");
        }
    }
    ~Process() {
        ::kill(pid_, SIGTERM);
        ::waitpid(pid_, nullptr, 0);
    }
    Process(Process const&) = delete;
    Process& operator=(Process const&) = delete;

    /// Of all its threads.
    [[nodiscard]] std::chrono::nanoseconds cpu() const {
        std::chrono::nanoseconds sum{};
        for (auto const& task :
             std::filesystem::directory_iterator("/proc/" + std::to_string(pid_) + "/task")) {
            std::ifstream file(task.path() / "schedstat");
            std::int64_t nanoseconds = 0;
            file >> nanoseconds;
            sum += std::chrono::nanoseconds(nanoseconds);
        }
        return sum;
    }
    [[nodiscard]] pid_t pid() const { return pid_; }

private:
    pid_t pid_;
};

struct Server {
    Process process;
    std::uint16_t port;
};

/// The child's end: never returns.
[[noreturn]] void run_program(char const* program, std::string const& data, int output) {
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    auto const key = "LATCHKEY_API_KEY=" + std::string(kApiKey);
    auto const secret = "LATCHKEY_API_SECRET=" + std::string(kApiSecret);
    std::array<char const*, 5> const environment = {key.c_str(), secret.c_str(),
                                                    "LATCHKEY_APP_MODE=production",
                                                    "LATCHKEY_RATE_LIMITS=false", nullptr};
    ::execle(program, program, "serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0",
             "--data", data.c_str(), "--log-format", "json", nullptr, environment.data());
    std::_Exit(127);
}

std::uint16_t read_port(int output) {
    constexpr std::string_view kBefore = "\"listen\":\"127.0.0.1:";
    std::string text;
    for (;;) {
        wait_readable(output);
        std::array<char, 4096> buffer;
        auto const got = ::read(output, buffer.data(), buffer.size());
        if (got <= 0) {
            throw std::runtime_error("the server did not start:\n" + text);
        }
        text.append(buffer.data(), static_cast<std::size_t>(got));
        auto const at = text.find(kBefore);
        if (at != std::string::npos && text.find('\n', at) != std::string::npos) {
            return static_cast<std::uint16_t>(std::stoi(text.substr(at + kBefore.size())));
        }
    }
}

// --- its callers

std::string patch(std::string_view path, std::string const& body) {
    static auto const token = token::issue_server_token(token::HmacKey(kApiSecret));
    return "PATCH " + std::string(path) + "?api_key=" + std::string(kApiKey) +
           " HTTP/1.1\r\nHost: bench\r\nAuthorization: " + token +
           "\r\nStream-Auth-Type: jwt\r\nContent-Type: application/json\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string revoke_user(std::string const& id) {
    return patch("/users", R"({"users":[{"id":")" + id +
                               R"(","set":{"revoke_tokens_issued_before":4102444800}}]})");
}

/// One connection that asks and reads answers, one at a time.
class Caller {
public:
    explicit Caller(std::uint16_t port) : socket_(connect_to(port)) {}

    void send(std::string_view request) { send_all(socket_.fd(), request); }

    /// Takes what is there; true once an answer is whole. @throws where it is no success
    bool take() {
        if (receive(socket_.fd(), input_) == 0) {
            throw std::runtime_error("the server closed a caller's connection");
        }
        auto const head = input_.find("\r\n\r\n");
        if (head == std::string::npos) {
            return false;
        }
        auto const field = input_.find("Content-Length: ");
        auto const length = static_cast<std::size_t>(std::stoul(input_.substr(field + 16)));
        if (input_.size() < head + 4 + length) {
            return false;
        }
        if (!input_.starts_with("HTTP/1.1 20")) {
            throw std::runtime_error("a call was refused: " + input_);
        }
        input_.erase(0, head + 4 + length);
        return true;
    }
    void call(std::string_view request) {
        send(request);
        do {
            wait_readable(fd());
        } while (!take());
    }
    [[nodiscard]] int fd() const { return socket_.fd(); }

private:
    File socket_;
    std::string input_;
};

/// One WebSocket, as far as it is needed: frames of the server are read for their kind.
class Peer {
public:
    explicit Peer(File socket) : socket_(std::move(socket)) {}

    enum class State { Opening, Open, Closing, Closed };

    /// Takes what is there. The server's close is answered, as RFC 6455 section 5.5.1 asks for.
    State take() {
        if (receive(socket_.fd(), input_) == 0) {
            return state_ = State::Closed;
        }
        if (!upgraded_) {
            auto const head = input_.find("\r\n\r\n");
            if (head == std::string::npos) {
                return state_;
            }
            if (!input_.starts_with("HTTP/1.1 101")) {
                throw std::runtime_error("a connect was refused: " + input_);
            }
            input_.erase(0, head + 4);
            upgraded_ = true;
        }
        take_frames();
        return state_;
    }
    [[nodiscard]] int fd() const { return socket_.fd(); }

private:
    void take_frames() {
        while (input_.size() >= 2) {
            auto const byte = [&](std::size_t at) {
                return static_cast<std::size_t>(static_cast<unsigned char>(input_[at]));
            };
            std::size_t head = 2;
            std::size_t length = byte(1);
            if (length == 126) {
                if (input_.size() < 4) {
                    return;
                }
                head = 4;
                length = byte(2) * 256 + byte(3);
            }
            if (input_.size() < head + length) {
                return;
            }
            auto const kind = byte(0) & 0x0fU;
            if (kind == 8) {
                send_all(socket_.fd(), std::string_view("\x88\x82\0\0\0\0\x0f\xa1", 8));
                state_ = State::Closing;
            } else {
                state_ = State::Open;
            }
            input_.erase(0, head + length);
        }
    }

    File socket_;
    std::string input_;
    bool upgraded_ = false;
    State state_ = State::Opening;  ///< until the first frame
};

std::string user_name(int number) { return "user-" + std::to_string(number); }

std::string connect_request(int number) {
    auto const id = user_name(number);
    auto const now = SystemClock().now();
    auto const token = token::issue_user_token(
        {.user_id = UserId::parse(id).value(), .issued_at = now - 60s, .expires_at = now + 1h},
        token::HmacKey(kApiSecret));
    return "GET /connect?json=%7B%22user_details%22:%7B%22id%22:%22" + id +
           "%22%7D%7D&api_key=" + std::string(kApiKey) +
           "&stream-auth-type=jwt&X-Stream-Client=bench&authorization=" + token +
           " HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
}

/// Opens WebSockets of users `from` and up, some at a time, until all are greeted.
std::vector<Peer> open_peers(std::uint16_t port, int from, int count) {
    std::vector<Peer> peers;
    peers.reserve(static_cast<std::size_t>(count));
    while (std::ssize(peers) < count) {
        auto const first = peers.size();
        auto const batch = std::min<int>(kOpenedAtOnce, count - static_cast<int>(first));
        for (int i = 0; i < batch; ++i) {
            peers.emplace_back(connect_to(port));
            send_all(peers.back().fd(), connect_request(from + static_cast<int>(first) + i));
        }
        for (auto i = first; i < peers.size(); ++i) {
            do {
                wait_readable(peers[i].fd());
            } while (peers[i].take() == Peer::State::Opening);
        }
    }
    return peers;
}

// --- what is measured

double percentile(std::vector<double> values, double share) {
    std::ranges::sort(values);
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

/// The least that a durable write costs: 4 KiB of a file that has its size already, as a
/// write-ahead log does it, and an fdatasync. A disk changes its mind by the minute, so it is asked
/// in between what it is compared with.
class BareWrites {
public:
    explicit BareWrites(std::filesystem::path const& folder)
        : file_(::open((folder / "bare").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600)) {
        for (int i = 0; i < kBlocks; ++i) {
            write(i);
        }
        sync();
    }

    void sample(int count) {
        for (int i = 0; i < count; ++i) {
            auto const started = Clock::now();
            write(i % kBlocks);
            sync();
            times_.push_back(Milliseconds(Clock::now() - started).count());
        }
    }
    /// Milliseconds of the middle one since the last time.
    double take_median() { return percentile(std::exchange(times_, {}), 0.5); }

private:
    static constexpr int kBlocks = 256;

    void write(int block) {
        if (::pwrite(file_.fd(), block_.data(), block_.size(), block * std::ssize(block_)) < 0) {
            fail("writing");
        }
    }
    void sync() const {
        if (::fdatasync(file_.fd()) != 0) {
            fail("fdatasync");
        }
    }

    File file_;
    std::string block_ = std::string(4096, 'x');
    std::vector<double> times_;
};

void measure_one_user(std::uint16_t port, BareWrites& writes) {
    auto peers = open_peers(port, 0, kSingleRevocations);
    Caller caller(port);
    std::vector<double> to_close;
    std::vector<double> after_answer;
    for (int i = 0; i < kSingleRevocations; ++i) {
        auto& peer = peers[static_cast<std::size_t>(i)];
        writes.sample(1);
        auto const started = Clock::now();
        caller.send(revoke_user(user_name(i)));
        Clock::time_point answered{};
        Clock::time_point closed{};
        while (answered == Clock::time_point{} || closed == Clock::time_point{}) {
            std::array<pollfd, 2> wanted{{{.fd = caller.fd(), .events = POLLIN, .revents = 0},
                                          {.fd = peer.fd(), .events = POLLIN, .revents = 0}}};
            if (closed != Clock::time_point{}) {
                wanted[1].fd = -1;
            }
            if (::poll(wanted.data(), 2, std::chrono::milliseconds(kWaitMax).count()) <= 0) {
                fail("waiting for a revocation");
            }
            if (wanted[0].revents != 0 && caller.take()) {
                answered = Clock::now();
            }
            if (wanted[1].revents != 0 && peer.take() >= Peer::State::Closing) {
                closed = Clock::now();
            }
        }
        to_close.push_back(Milliseconds(closed - started).count());
        after_answer.push_back(Milliseconds(closed - answered).count());
    }
    auto const p50 = percentile(to_close, 0.5);
    auto const bare = writes.take_median();
    std::printf(
        "C5  one user revoked, %d times: call to close p50 %.2f ms, %.1f x a bare durable "
        "write (%.3f ms), p99 %.2f ms; close after the answer p99 %.2f ms\n",
        kSingleRevocations, p50, p50 / bare, bare, percentile(to_close, 0.99),
        percentile(after_answer, 0.99));
}

struct ClosedAll {
    double cpu_us;  ///< of the server, for each connection
    double last_ms;
};

/// Lets `trigger` start the closing, and waits for the last.
template <class Trigger>
ClosedAll close_all(Process const& process, std::vector<Peer>& peers, Trigger trigger) {
    File const epoll(::epoll_create1(EPOLL_CLOEXEC));
    for (std::size_t i = 0; i < peers.size(); ++i) {
        epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
        ::epoll_ctl(epoll.fd(), EPOLL_CTL_ADD, peers[i].fd(), &event);
    }
    auto const cpu_before = process.cpu();
    auto const started = Clock::now();
    trigger();
    auto left = peers.size();
    while (left > 0) {
        std::array<epoll_event, 512> events;
        auto const ready = ::epoll_wait(epoll.fd(), events.data(), events.size(),
                                        std::chrono::milliseconds(kWaitMax).count());
        if (ready <= 0) {
            throw std::runtime_error(std::to_string(left) + " connections were left open");
        }
        for (int i = 0; i < ready; ++i) {
            auto& peer = peers[events.at(static_cast<std::size_t>(i)).data.u64];
            if (peer.take() == Peer::State::Closed) {
                ::epoll_ctl(epoll.fd(), EPOLL_CTL_DEL, peer.fd(), nullptr);
                --left;
            }
        }
    }
    auto const count = static_cast<double>(peers.size());
    return {
        .cpu_us =
            std::chrono::duration<double, std::micro>(process.cpu() - cpu_before).count() / count,
        .last_ms = Milliseconds(Clock::now() - started).count()};
}

/// The bare minimum of ending many connections: accepts, and on SIGUSR1 writes each an error frame
/// and a close, reads the answer and closes. Never returns.
[[noreturn]] void run_bare_server(int listener, int count) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR1);
    std::vector<int> peers;
    std::array<char, 4096> buffer;
    std::string const greeting = "HTTP/1.1 101 \r\n\r\n" + std::string("\x81\x02{}", 4);
    for (int i = 0; i < count; ++i) {
        auto const fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (::recv(fd, buffer.data(), buffer.size(), 0) <= 0 ||
            ::send(fd, greeting.data(), greeting.size(), MSG_NOSIGNAL) < 0) {
            std::_Exit(1);
        }
        peers.push_back(fd);
    }
    auto const epoll = ::epoll_create1(EPOLL_CLOEXEC);
    for (auto const fd : peers) {
        ::fcntl(fd, F_SETFL, O_NONBLOCK);
        epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
        ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    }
    int signal = 0;
    sigwait(&signals, &signal);
    auto const text = std::string("\x81\x7e\x01\x00", 4) + std::string(256, 'x') +
                      std::string("\x88\x0d\x0f\xa1") + "revoked_app";
    for (auto const fd : peers) {
        if (::send(fd, text.data(), text.size(), MSG_NOSIGNAL) < 0) {
            std::_Exit(1);
        }
    }
    for (auto left = count; left > 0;) {
        std::array<epoll_event, 512> events;
        auto const ready = ::epoll_wait(epoll, events.data(), events.size(), -1);
        for (int i = 0; i < ready; ++i) {
            auto const fd = events.at(static_cast<std::size_t>(i)).data.fd;
            if (::recv(fd, buffer.data(), buffer.size(), 0) >= 0) {
                ::close(fd);
                --left;
            }
        }
    }
    for (;;) {
        ::pause();
    }
}

ClosedAll measure_bare_close(int count) {
    File const listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    auto address = loopback(0);
    socklen_t size = sizeof address;
    if (::bind(listener.fd(), reinterpret_cast<sockaddr const*>(&address), size) != 0 ||
        ::listen(listener.fd(), SOMAXCONN) != 0 ||
        ::getsockname(listener.fd(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        fail("listening");
    }
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR1);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // kept by the child until it waits for it
    auto const pid = ::fork();
    if (pid == 0) {
        run_bare_server(listener.fd(), count);
    }
    Process const process(pid);
    std::vector<Peer> peers;
    for (int i = 0; i < count; ++i) {
        peers.emplace_back(connect_to(ntohs(address.sin_port)));
        send_all(peers.back().fd(), "GET");
        do {
            wait_readable(peers.back().fd());
        } while (peers.back().take() == Peer::State::Opening);
    }
    return close_all(process, peers, [&] { ::kill(process.pid(), SIGUSR1); });
}

void measure_whole_app(Server const& server, int count) {
    auto const bare = measure_bare_close(count);
    auto peers = open_peers(server.port, kSingleRevocations, count);
    Caller caller(server.port);
    auto const ours = close_all(server.process, peers, [&] {
        caller.call(patch("/app", R"({"revoke_tokens_issued_before":4102444800})"));
    });
    caller.call(patch("/app", R"({"revoke_tokens_issued_before":null})"));
    std::printf(
        "C6  whole app revoked, %d connections: %.1f us of CPU a close, %.2f x the bare one "
        "(%.1f us); last closed after %.0f ms\n",
        count, ours.cpu_us, ours.cpu_us / bare.cpu_us, bare.cpu_us, ours.last_ms);
}

void measure_throughput(std::uint16_t port, BareWrites& writes) {
    writes.sample(kSyncs);
    std::vector<Caller> callers;
    std::vector<pollfd> wanted;
    for (int i = 0; i < kCallers; ++i) {
        callers.emplace_back(port);
        wanted.push_back({.fd = callers.back().fd(), .events = POLLIN, .revents = 0});
        callers.back().send(revoke_user(user_name(i)));
    }
    std::size_t done = 0;
    auto const started = Clock::now();
    while (Clock::now() - started < kThroughputTime) {
        if (::poll(wanted.data(), wanted.size(), std::chrono::milliseconds(kWaitMax).count()) <=
            0) {
            fail("waiting for revocations");
        }
        for (std::size_t i = 0; i < callers.size(); ++i) {
            if (wanted[i].revents != 0 && callers[i].take()) {
                ++done;
                // Another instant each time, or there would be nothing to store.
                callers[i].send(patch("/users", R"({"users":[{"id":")" +
                                                    user_name(static_cast<int>(i)) +
                                                    R"(","set":{"revoke_tokens_issued_before":)" +
                                                    std::to_string(1'000'000'000 + done) + "}}]}"));
            }
        }
    }
    auto const seconds = std::chrono::duration<double>(Clock::now() - started).count();
    auto const rate = static_cast<double>(done) / seconds;
    writes.sample(kSyncs);
    auto const bare_rate = 1000 / writes.take_median();
    std::printf(
        "C7  durable revocations, %d callers: %.0f a second, %.1f x bare durable writes one "
        "by one (%.0f)\n",
        kCallers, rate, rate / bare_rate, bare_rate);
}

int run(char const* program, int connections) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);

    std::string name = "revocation-bench-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) {
        fail("mkdtemp");
    }
    struct Folder {
        std::filesystem::path path;
        ~Folder() {
            std::error_code ignored;
            std::filesystem::remove_all(path, ignored);
        }
    } const folder{name};

    BareWrites writes(folder.path);
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        fail("pipe");
    }
    File const output(ends[0]);
    File input(ends[1]);
    auto const data = (folder.path / "data").string();
    auto const pid = ::fork();
    if (pid == 0) {
        run_program(program, data, input.fd());
    }
    Server const server{.process = Process(pid), .port = read_port(output.fd())};
    measure_one_user(server.port, writes);
    measure_whole_app(server, connections);
    measure_throughput(server.port, writes);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2 && argc != 3) {
        std::fputs("usage: revocation_bench PROGRAM [CONNECTIONS]\n", stderr);
        return 2;
    }
    try {
        return run(argv[1], argc == 3 ? std::stoi(argv[2]) : kConnectionsUsual);
    } catch (std::exception const& failure) {
        std::fprintf(stderr, "revocation_bench: %s\n", failure.what());
        return 1;
    }
}
