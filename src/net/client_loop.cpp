#include "net/client_loop.hpp"

#include "net/client_world.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace latchkey::net {

void Mailbox::post(ClientLoop::Task task) {
    std::scoped_lock const lock(mutex_);
    if (io_ != nullptr) {
        asio::post(*io_, std::move(task));
    }
}

ClientLoop::ClientLoop()
    : world_(std::make_shared<World>()),
      thread_([world = world_] { world->io.run(); }),
      thread_id_(thread_.get_id()) {}

ClientLoop::~ClientLoop() {
    stop();
    if (thread_.joinable()) {  // this is the thread: it ends by itself, and takes its world along
        thread_.detach();
    }
}

void ClientLoop::post(Task task) {
    // The task may destroy this loop on its own thread before `asio::post` has returned here.
    auto const world = world_;
    if (!world->stopped) {
        asio::post(world->io, std::move(task));
    }
}

void ClientLoop::stop() noexcept {
    world_->stopped = true;
    world_->io.stop();
    if (std::this_thread::get_id() == thread_id_) {
        return;
    }
    std::scoped_lock const lock(stopping_);
    if (thread_.joinable()) {
        thread_.join();
    }
}

class ClientTimer::Core {
public:
    explicit Core(asio::io_context& io) : timer(io) {}
    Timer timer;
    ClientLoop::Task task;
};

std::unique_ptr<ClientTimer> ClientLoop::wait_until(std::chrono::steady_clock::time_point at,
                                                    Task task) {
    auto core = std::make_shared<ClientTimer::Core>(world_->io);
    core->task = std::move(task);
    core->timer.expires_at(at);
    core->timer.async_wait([core](ErrorCode) {
        if (core->task) {
            std::exchange(core->task, nullptr)();
        }
    });
    return std::make_unique<ClientTimer>(world_, std::move(core));
}

ClientTimer::ClientTimer(std::shared_ptr<ClientLoop::World> world, std::shared_ptr<Core> core)
    : world_(std::move(world)), core_(std::move(core)) {}

ClientTimer::~ClientTimer() {
    core_->task = nullptr;
    core_->timer.cancel();
}

}  // namespace latchkey::net
