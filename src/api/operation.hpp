#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace latchkey::api {

/// What a caller may ask for; the names are the protocol's operation ids (section 5.1).
enum class Operation : std::uint8_t {
    GetApp,
    UpdateApp,
    QueryUsers,
    UpdateUsers,
    UpdateUsersPartial,
    CreateGuest,
    DeactivateUser,
    DeactivateUsers,
    ReactivateUser,
    ReactivateUsers,
    DeleteUser,
    DeleteUsers,
    RestoreUsers,
    ExportUser,
    GetTask,
    GetRateLimits,
    ListRoles,
    CreateRole,
    DeleteRole,
    Connect,
    LongPoll,  ///< a poll or its end; the connect before it is a `Connect`
    Sync,
    CheckAuthorization,
    GetProviderToken,
    CreateProviderToken,
    Hi,
    HealthLive,
    HealthReady,
    OpenApi,
};
inline constexpr std::size_t kOperationCount = static_cast<std::size_t>(Operation::OpenApi) + 1;

struct OperationFacts {
    std::string_view id;
    std::uint32_t per_minute;  ///< for each App (protocol section 8); 0: not counted
};

inline constexpr std::array<OperationFacts, kOperationCount> kOperations = {{
    {.id = "GetApp", .per_minute = 10000},
    {.id = "UpdateApp", .per_minute = 60},
    {.id = "QueryUsers", .per_minute = 1000},
    {.id = "UpdateUsers", .per_minute = 300},
    {.id = "UpdateUsersPartial", .per_minute = 300},
    {.id = "CreateGuest", .per_minute = 1000},
    {.id = "DeactivateUser", .per_minute = 60},
    {.id = "DeactivateUsers", .per_minute = 60},
    {.id = "ReactivateUser", .per_minute = 60},
    {.id = "ReactivateUsers", .per_minute = 60},
    {.id = "DeleteUser", .per_minute = 60},
    {.id = "DeleteUsers", .per_minute = 60},
    {.id = "RestoreUsers", .per_minute = 60},
    {.id = "ExportUser", .per_minute = 60},
    {.id = "GetTask", .per_minute = 1000},
    {.id = "GetRateLimits", .per_minute = 60},
    {.id = "ListRoles", .per_minute = 60},
    {.id = "CreateRole", .per_minute = 60},
    {.id = "DeleteRole", .per_minute = 60},
    {.id = "Connect", .per_minute = 10000},
    {.id = "LongPoll", .per_minute = 0},
    {.id = "Sync", .per_minute = 10000},
    {.id = "CheckAuthorization", .per_minute = 0},
    {.id = "GetProviderToken", .per_minute = 0},
    {.id = "CreateProviderToken", .per_minute = 0},
    {.id = "Hi", .per_minute = 0},
    {.id = "HealthLive", .per_minute = 0},
    {.id = "HealthReady", .per_minute = 0},
    {.id = "OpenApi", .per_minute = 0},
}};

constexpr OperationFacts const& facts(Operation operation) {
    return kOperations.at(static_cast<std::size_t>(operation));
}

}  // namespace latchkey::api
