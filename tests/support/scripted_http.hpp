#pragma once

#include "api/outgoing_http.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace latchkey::test {

/// Other people's servers, played by the test: requests wait until it answers them.
class ScriptedHttp final : public api::OutgoingHttp {
public:
    using Outcome = std::expected<api::OutgoingResponse, api::OutgoingFailure>;

    void send(api::OutgoingRequest request, std::chrono::milliseconds timeout, Done done) override {
        sent.push_back(std::move(request));
        timeouts.push_back(timeout);
        waiting_.push_back(std::move(done));
    }
    void after(std::chrono::milliseconds pause, std::move_only_function<void()> task) override {
        pauses.push_back(pause);
        tasks_.push_back(std::move(task));
    }

    [[nodiscard]] bool is_asked() const { return !waiting_.empty(); }
    /// Answers the request that has waited longest.
    void answer(Outcome outcome) {
        auto done = std::move(waiting_.front());
        waiting_.pop_front();
        done(std::move(outcome));
    }
    void answer(int status, std::string body, std::string cache_control = {}) {
        answer(api::OutgoingResponse{
            .status = status, .cache_control = std::move(cache_control), .body = std::move(body)});
    }
    /// Lets all pauses pass.
    bool pass() {
        auto tasks = std::exchange(tasks_, {});
        for (auto& task : tasks) {
            task();
        }
        return !tasks.empty();
    }

    /// Of the last request; empty where it has no such field.
    [[nodiscard]] std::string field(std::string_view name) const {
        auto const& fields = sent.back().fields;
        auto const found =
            std::ranges::find(fields, name, &std::pair<std::string, std::string>::first);
        return found == fields.end() ? std::string() : found->second;
    }

    std::vector<api::OutgoingRequest> sent;
    std::vector<std::chrono::milliseconds> timeouts;
    std::vector<std::chrono::milliseconds> pauses;

private:
    std::deque<Done> waiting_;
    std::vector<std::move_only_function<void()>> tasks_;
};

}  // namespace latchkey::test
