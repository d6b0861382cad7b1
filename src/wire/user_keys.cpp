#include "wire/user_keys.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace latchkey::wire {
namespace {

using Row = std::pair<std::string_view, UserKey>;

/// Sorted by name.
constexpr std::array kUserKeys{
    Row{"avg_response_time", UserKey::ReadOnly},
    Row{"ban_expires", UserKey::ReadOnly},
    Row{"banned", UserKey::ReadOnly},
    Row{"blocked_user_ids", UserKey::ReadOnly},
    Row{"bypass_moderation", UserKey::ReadOnly},
    Row{"channel_mutes", UserKey::ReadOnly},
    Row{"created_at", UserKey::ReadOnly},
    Row{"deactivated_at", UserKey::ReadOnly},
    Row{"deleted_at", UserKey::ReadOnly},
    Row{"devices", UserKey::ReadOnly},
    Row{"id", UserKey::Id},
    Row{"image", UserKey::Image},
    Row{"invisible", UserKey::Invisible},
    Row{"language", UserKey::Language},
    Row{"last_active", UserKey::ReadOnly},
    Row{"latest_hidden_channels", UserKey::ReadOnly},
    Row{"mutes", UserKey::ReadOnly},
    Row{"name", UserKey::Name},
    Row{"online", UserKey::ReadOnly},
    Row{"privacy_settings", UserKey::PrivacySettings},
    Row{"push_notifications", UserKey::ReadOnly},
    Row{"revoke_tokens_issued_before", UserKey::Revocation},
    Row{"role", UserKey::Role},
    Row{"shadow_banned", UserKey::ReadOnly},
    Row{"teams", UserKey::Teams},
    Row{"teams_role", UserKey::TeamsRole},
    Row{"total_unread_count", UserKey::ReadOnly},
    Row{"unread_channels", UserKey::ReadOnly},
    Row{"unread_count", UserKey::ReadOnly},
    Row{"unread_threads", UserKey::ReadOnly},
    Row{"updated_at", UserKey::ReadOnly},
};
static_assert(std::ranges::is_sorted(kUserKeys, {}, &Row::first));

}  // namespace

UserKey find_user_key(std::string_view name) noexcept {
    auto const row = std::ranges::lower_bound(kUserKeys, name, {}, &Row::first);
    return row != kUserKeys.end() && row->first == name ? row->second : UserKey::None;
}

}  // namespace latchkey::wire
