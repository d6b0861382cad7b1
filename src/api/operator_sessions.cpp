#include "api/operator_sessions.hpp"

#include <latchkey/base/base64url.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <utility>

namespace latchkey::api {
namespace {

constexpr std::size_t kIdBytes = 32;

std::string random_bytes(RandomSource& random) {
    std::string bytes(kIdBytes, '\0');
    random.fill(std::as_writable_bytes(std::span(bytes)));
    return bytes;
}

bool is_over(OperatorSessions::Session const& session, OperatorSessions::TimePoint now) {
    return now - session.used_at >= OperatorSessions::kIdleMax ||
           now - session.signed_in_at >= OperatorSessions::kAgeMax;
}

}  // namespace

std::size_t OperatorSessions::HashOfMac::operator()(token::HmacKey::Mac const& mac) const noexcept {
    std::size_t hash = 0;
    std::memcpy(&hash, mac.data(), sizeof hash);
    return hash;
}

OperatorSessions::OperatorSessions(RandomSource& random)
    : random_(random), key_(random_bytes(random)) {}

std::string OperatorSessions::open(domain::Account const& account, SignInBy by, TimePoint now) {
    sweep(now);
    make_room(account.id);
    auto id = base64url::encode(random_bytes(random_));
    sessions_.emplace(key_.mac(id), Session{.number = ++last_number_,
                                            .account_id = account.id,
                                            .name = account.name,
                                            .role = account.role,
                                            .by = by,
                                            .signed_in_at = now,
                                            .used_at = now});
    return id;
}

OperatorSessions::Session const* OperatorSessions::find(std::string_view id, TimePoint now) const {
    // What is compared are MACs under a key that nobody knows: how long it takes tells nothing.
    auto const found = sessions_.find(key_.mac(id));
    return found == sessions_.end() || is_over(found->second, now) ? nullptr : &found->second;
}

OperatorSessions::Session const* OperatorSessions::find(std::uint64_t number, TimePoint now) const {
    auto const found =
        std::ranges::find(sessions_, number, [](auto const& entry) { return entry.second.number; });
    return found == sessions_.end() || is_over(found->second, now) ? nullptr : &found->second;
}

void OperatorSessions::touch(std::uint64_t number, TimePoint now) {
    auto const found =
        std::ranges::find(sessions_, number, [](auto const& entry) { return entry.second.number; });
    if (found != sessions_.end()) {
        found->second.used_at = now;
    }
}

void OperatorSessions::end(std::uint64_t number) {
    std::erase_if(sessions_, [number](auto const& entry) { return entry.second.number == number; });
}

void OperatorSessions::end_all_of(std::int64_t account_id, std::uint64_t except) {
    std::erase_if(sessions_, [account_id, except](auto const& entry) {
        return entry.second.account_id == account_id && entry.second.number != except;
    });
}

void OperatorSessions::sweep(TimePoint now) {
    std::erase_if(sessions_, [now](auto const& entry) { return is_over(entry.second, now); });
}

void OperatorSessions::make_room(std::int64_t account_id) {
    auto const of_account = std::ranges::count_if(sessions_, [account_id](auto const& entry) {
        return entry.second.account_id == account_id;
    });
    if (static_cast<std::size_t>(of_account) >= kPerAccountMax) {
        end_longest_unused(&account_id);
    } else if (sessions_.size() >= kSessionsMax) {
        end_longest_unused(nullptr);
    }
}

void OperatorSessions::end_longest_unused(std::int64_t const* account_id) {
    auto oldest = sessions_.end();
    for (auto at = sessions_.begin(); at != sessions_.end(); ++at) {
        bool const counts = account_id == nullptr || at->second.account_id == *account_id;
        // Numbers tell apart what was used in the same instant.
        if (counts && (oldest == sessions_.end() ||
                       std::pair(at->second.used_at, at->second.number) <
                           std::pair(oldest->second.used_at, oldest->second.number))) {
            oldest = at;
        }
    }
    sessions_.erase(oldest);
}

}  // namespace latchkey::api
