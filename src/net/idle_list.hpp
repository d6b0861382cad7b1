#pragma once

#include <boost/intrusive/list.hpp>

#include <chrono>
#include <cstdint>

namespace latchkey::net {

/// What may sit in an `IdleList`: a connection. Takes itself out when it is destroyed.
class Watched : public boost::intrusive::list_base_hook<
                    boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    virtual ~Watched() = default;
    Watched(Watched const&) = delete;
    Watched& operator=(Watched const&) = delete;

    /// The wait took too long. Not in a list any more.
    virtual void on_timeout() = 0;
    /// The server stops: to end soon, with what manners ask for.
    virtual void on_stop() = 0;
    /// To end at once.
    virtual void abort() = 0;

protected:
    Watched() = default;

private:
    friend class IdleList;
    std::uint32_t since_tick_ = 0;
};

/// Connections that wait for the same kind of thing, the longest wait first: as all have one
/// time-out, the order of arrival is the order of deadlines, and a sweep looks at the front only.
/// This takes the place of a timer for each operation (0.8 us a request).
class IdleList {
public:
    void set_timeout(std::chrono::milliseconds timeout, std::chrono::milliseconds tick) {
        timeout_ticks_ =
            static_cast<std::uint32_t>((timeout + tick - std::chrono::milliseconds(1)) / tick);
    }

    /// Moves `member` here, to the end, from whatever list it is in.
    void touch(Watched& member, std::uint32_t now_tick) {
        member.since_tick_ = now_tick;
        member.unlink();
        list_.push_back(member);
    }

    void sweep(std::uint32_t now_tick) {
        // Unsigned difference: right across the counter's wrap, which comes after 34 years.
        while (!list_.empty() && now_tick - list_.front().since_tick_ > timeout_ticks_) {
            auto& member = list_.front();
            member.unlink();
            member.on_timeout();
        }
    }

    void stop_all() {
        for_each_taken_out([](Watched& member) { member.on_stop(); });
    }
    void abort_all() {
        for_each_taken_out([](Watched& member) { member.abort(); });
    }

private:
    using List = boost::intrusive::list<Watched, boost::intrusive::constant_time_size<false>>;

    /// Each member once, though `visit` may put it back, here or elsewhere.
    template <class Visitor>
    void for_each_taken_out(Visitor visit) {
        List taken;
        taken.swap(list_);
        while (!taken.empty()) {
            auto& member = taken.front();
            member.unlink();
            visit(member);
        }
    }

    List list_;
    std::uint32_t timeout_ticks_ = 0;
};

}  // namespace latchkey::net
