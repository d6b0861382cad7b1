#pragma once

#include "api/node.hpp"
#include "domain/change.hpp"
#include "domain/store_queue.hpp"
#include "http/service.hpp"

#include <latchkey/base/ids.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace latchkey::api {

/// What operators see live, `GET /admin/v1/live`: the figures of every App once a second, and a
/// word behind a commit that changed something. Costs nothing while nobody listens. Belongs to the
/// admin listener's loop.
class LiveFeed final : public domain::ChangeListener {
public:
    static constexpr std::chrono::seconds kEvery{1};
    static constexpr std::size_t kListenersMax = 32;
    /// Apps in one message, so that it fits into what a socket may leave unread.
    static constexpr std::size_t kAppsMax = 500;
    /// Apps named as changed at one tick; with more, none is named: anything may have changed.
    static constexpr std::size_t kChangedMax = 64;

    /// `node` and `loop` outlive this object; `slot` is the loop's in node state.
    LiveFeed(Node const& node, http::Loop& loop, std::size_t slot);
    ~LiveFeed() override;
    LiveFeed(LiveFeed const&) = delete;
    LiveFeed& operator=(LiveFeed const&) = delete;

    /// Null where `kListenersMax` listen. `may_listen` is asked at each tick; once it says no, the
    /// conversation ends.
    [[nodiscard]] std::unique_ptr<http::Conversation> open(std::function<bool()> may_listen);

    void on_tick();
    void on_stop();

    void on_changes(std::shared_ptr<std::vector<domain::Change> const> const& changes) override;

private:
    class Listener;

    void enter(Listener& listener);
    void leave(Listener& listener);
    void send_to_all(std::string const& message);
    void tell_changes();
    [[nodiscard]] std::string figures() const;

    Node const& node_;
    http::Loop& loop_;
    std::size_t slot_;
    std::size_t opened_ = 0;  ///< conversations, those before their 101 included
    std::vector<Listener*> listeners_;
    std::set<AppId> changed_;  ///< not told of yet
    bool changed_more_ = false;
    std::chrono::steady_clock::time_point next_figures_;
};

}  // namespace latchkey::api
