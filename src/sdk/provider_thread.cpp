#include "sdk/provider_thread.hpp"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace latchkey::sdk {
namespace {

ProvidedToken call(TokenProvider& provider, std::string_view user_id) {
    try {
        return provider(user_id);
    } catch (std::exception const& error) {
        return std::unexpected(std::string("the token provider threw: ") + error.what());
    } catch (...) {
        return std::unexpected(std::string("the token provider threw"));
    }
}

}  // namespace

/// Held by the thread, by the object that started it, and by answers on their way.
struct ProviderThread::Shared : std::enable_shared_from_this<Shared> {
    std::mutex mutex;
    std::condition_variable changed;
    Network* network = nullptr;  ///< null: nobody waits for an answer any more
    std::optional<std::string> question;
    Answered answered;  ///< the network's thread alone reads and writes it
    bool idle = true;   ///< the thread is not in a call of the provider
    std::thread thread;

    void run(TokenProvider provider) {
        while (auto const user_id = next_question()) {
            deliver(call(provider, *user_id));
        }
    }

    std::optional<std::string> next_question() {
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return question || network == nullptr; });
        if (network == nullptr) {
            return std::nullopt;
        }
        idle = false;
        return std::exchange(question, std::nullopt);
    }

    void deliver(ProvidedToken answer) {
        // The lock keeps the network alive while it is handed the task.
        std::scoped_lock const lock(mutex);
        idle = true;
        if (network != nullptr) {
            network->post([self = shared_from_this(), answer = std::move(answer)]() mutable {
                if (self->answered) {
                    std::exchange(self->answered, nullptr)(std::move(answer));
                }
            });
        }
    }
};

ProviderThread::ProviderThread(TokenProvider provider, Network& network)
    : shared_(std::make_shared<Shared>()) {
    shared_->network = &network;
    shared_->thread = std::thread([shared = shared_, provider = std::move(provider)]() mutable {
        shared->run(std::move(provider));
    });
}

ProviderThread::~ProviderThread() {
    bool idle = false;
    {
        std::scoped_lock const lock(shared_->mutex);
        shared_->network = nullptr;
        idle = shared_->idle;
        shared_->changed.notify_all();
    }
    shared_->answered = nullptr;
    if (idle) {
        shared_->thread.join();
    } else {
        shared_->thread.detach();
    }
}

void ProviderThread::ask(std::string const& user_id, Answered answered) {
    shared_->answered = std::move(answered);
    std::scoped_lock const lock(shared_->mutex);
    shared_->question = user_id;
    shared_->changed.notify_all();
}

}  // namespace latchkey::sdk
