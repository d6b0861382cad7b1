#pragma once

#include <latchkey/base/instant.hpp>

#include <optional>
#include <string>
#include <vector>

namespace latchkey::sdk {

/// A user as it is sent: what is absent is left to the server.
struct UserRequest {
    std::string id;
    std::optional<std::string> name{};
    std::optional<std::string> image{};
    std::optional<std::string> role{};  ///< a backend's to give
    std::vector<std::string> teams{};
    std::optional<bool> invisible{};
    std::string custom_json{};  ///< the text of a JSON object; empty: none
};

/// A user as the server has it.
struct User {
    std::string id;
    std::string role;
    std::string name;   ///< empty: none
    std::string image;  ///< empty: none
    std::vector<std::string> teams;
    bool online = false;
    Instant created_at;
    Instant updated_at;
    std::optional<Instant> last_active{};
    std::optional<Instant> deactivated_at{};
    std::optional<Instant> deleted_at{};
    std::optional<Instant> revoke_tokens_issued_before{};  ///< shown to backends and to oneself
    std::string custom_json;                               ///< the text of a JSON object
};

}  // namespace latchkey::sdk
