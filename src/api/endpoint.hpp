#pragma once

#include "api/event_feed.hpp"
#include "api/events.hpp"
#include "api/presence.hpp"
#include "domain/authenticate.hpp"
#include "domain/grants.hpp"
#include "domain/store.hpp"
#include "domain/users.hpp"
#include "http/message.hpp"
#include "wire/style.hpp"
#include "wire/user_json.hpp"

#include <latchkey/base/instant.hpp>
#include <latchkey/base/random_source.hpp>
#include <latchkey/wire/api_error.hpp>

#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace latchkey::api {

class RateLimits;

/// Readings of the protocol that an operator may switch.
struct Readings {
    /// A PATCH app body without any value undoes the App's revocation: what the documented undo
    /// becomes in SDKs that drop nulls (protocol section 3.4).
    bool empty_app_patch_undoes_revocation = true;
};

/// Who is calling, taken out of node state: an endpoint may take its time over a body, and a
/// decision must not wait for it.
struct Caller {
    domain::AppSnapshot app;
    domain::CallerKind kind;
    std::string_view user_id;
    std::string role;
    domain::PermissionSet permissions;  ///< of a server: all
    bool developer_token = false;       ///< let in unsigned, because the App's auth checks are off
};

/// One authenticated request, as an endpoint gets it. Valid for the call; what outlives it is
/// copied.
struct Call {
    http::Request const& request;
    wire::Style style;
    Instant now;
    Caller caller;
    Presence const& presence;
    EventFeed& events;
    Readings const& readings;
    RandomSource& random;
    RateLimits const& rates;
    std::string_view address{};  ///< the caller's, as `client_address` finds it
    std::string_view id{};       ///< of the path, where it has one
};

/// A success: its status and the members of its JSON object, without braces; `duration` is put
/// behind them. And what others are told once it is durable.
struct Answer {
    int status = 200;
    std::string members;
    std::vector<UserEvent> events{};
    std::string fields{};  ///< further header lines, complete with CRLF
};
using Result = std::expected<Answer, wire::ApiError>;

/// The rest of an endpoint's work, on the store's thread; an error rolls back what it wrote.
using StoreWork = std::move_only_function<Result(domain::Transaction&)>;

/// What an endpoint comes to at once: the answer, or work to be done first.
using Reply = std::expected<std::variant<Answer, StoreWork>, wire::ApiError>;

// The endpoints (protocol section 3). Whoever gets to one has what its route needs
// (`api/access.hpp`); what the body of POST and PATCH users needs beyond is checked there.
[[nodiscard]] Reply get_app(Call const& call);
[[nodiscard]] Reply update_app(Call const& call);
[[nodiscard]] Reply query_users(Call const& call);
[[nodiscard]] Reply update_users(Call const& call);
[[nodiscard]] Reply update_users_partial(Call const& call);
[[nodiscard]] Reply create_guest(Call const& call);
/// What happened in channels: nothing ever, for SDKs that ask after a reconnect (section 3.12).
[[nodiscard]] Reply sync(Call const& call);

// Users near authentication (protocol section 3.11); for servers only.
[[nodiscard]] Reply deactivate_user(Call const& call);
[[nodiscard]] Reply deactivate_users(Call const& call);
[[nodiscard]] Reply reactivate_user(Call const& call);
[[nodiscard]] Reply reactivate_users(Call const& call);
[[nodiscard]] Reply delete_user(Call const& call);
[[nodiscard]] Reply delete_users(Call const& call);
[[nodiscard]] Reply restore_users(Call const& call);
[[nodiscard]] Reply export_user(Call const& call);
[[nodiscard]] Reply get_task(Call const& call);

/// What is left of each allowance of the App (protocol section 3.11); for servers only.
[[nodiscard]] Reply get_rate_limits(Call const& call);

// The roles of an App (protocol section 7); for servers only.
[[nodiscard]] Reply list_roles(Call const& call);
[[nodiscard]] Reply create_role(Call const& call);
[[nodiscard]] Reply delete_role(Call const& call);

/// For people to read: whoever holds the credential of the admin API.
inline constexpr std::string_view kByOperator = "an operator, by the admin API or the command line";

/// A user as it goes out; revocations are shown to servers and to the user itself only.
[[nodiscard]] wire::UserView view_of(domain::User const& user, bool online, bool show_revocation);

}  // namespace latchkey::api
