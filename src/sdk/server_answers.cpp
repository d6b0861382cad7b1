#include "sdk/server_answers.hpp"

#include "wire/json.hpp"

#include <latchkey/base/ids.hpp>
#include <latchkey/base/rfc3339.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace latchkey::sdk::answers {
namespace {

using boost::json::object;

/// Reads the members of one object. The first that has the wrong shape spoils the whole: one
/// question at the end, instead of one a member.
class Members {
public:
    explicit Members(object const& source) : source_(source) {}

    [[nodiscard]] bool good() const noexcept { return good_; }

    [[nodiscard]] std::string text(std::string_view name) {
        auto const* const value = require(name);
        return value == nullptr ? std::string() : to_text(*value);
    }
    /// Absent and null: `otherwise`. So for those below.
    [[nodiscard]] std::string text_or_empty(std::string_view name) {
        auto const* const value = find(name);
        return value == nullptr ? std::string() : to_text(*value);
    }
    [[nodiscard]] bool flag_or_false(std::string_view name) {
        auto const* const value = find(name);
        if (value == nullptr || !expect(value->is_bool())) {
            return false;
        }
        return value->get_bool();
    }
    [[nodiscard]] std::vector<std::string> texts_or_none(std::string_view name) {
        std::vector<std::string> texts;
        auto const* const value = find(name);
        if (value != nullptr && expect(value->is_array())) {
            for (auto const& entry : value->get_array()) {
                texts.push_back(to_text(entry));
            }
        }
        return texts;
    }
    [[nodiscard]] Instant date(std::string_view name) {
        auto const* const value = require(name);
        return value == nullptr ? Instant() : to_date(*value);
    }
    [[nodiscard]] std::optional<Instant> date_or_none(std::string_view name) {
        auto const* const value = find(name);
        return value == nullptr ? std::nullopt : std::optional(to_date(*value));
    }
    /// The text of an object.
    [[nodiscard]] std::string object_text(std::string_view name) {
        auto const* const value = require(name);
        return value != nullptr && expect(value->is_object()) ? format(*value) : std::string();
    }
    [[nodiscard]] std::string object_text_or(std::string_view name, std::string_view otherwise) {
        return find(name) == nullptr ? std::string(otherwise) : object_text(name);
    }
    [[nodiscard]] std::string array_text_or(std::string_view name, std::string_view otherwise) {
        auto const* const value = find(name);
        if (value == nullptr || !expect(value->is_array())) {
            return std::string(otherwise);
        }
        return format(*value);
    }

private:
    bool expect(bool condition) noexcept {
        good_ = good_ && condition;
        return condition;
    }
    [[nodiscard]] boost::json::value const* find(std::string_view name) const {
        auto const* const value = source_.if_contains(name);
        return value == nullptr || value->is_null() ? nullptr : value;
    }
    [[nodiscard]] boost::json::value const* require(std::string_view name) {
        auto const* const value = find(name);
        expect(value != nullptr);
        return value;
    }
    std::string to_text(boost::json::value const& value) {
        return expect(value.is_string()) ? std::string(value.get_string()) : std::string();
    }
    /// Integer nanoseconds, or RFC 3339 as other servers may write it (protocol section 3.1).
    /// Rounded up, so that a revocation is not shown to be earlier than it is.
    Instant to_date(boost::json::value const& value) {
        if (value.is_int64() && value.get_int64() >= 0) {
            return Instant(std::chrono::ceil<std::chrono::microseconds>(
                std::chrono::nanoseconds(value.get_int64())));
        }
        auto const date =
            value.is_string() ? parse_rfc3339(std::string_view(value.get_string())) : std::nullopt;
        return expect(date.has_value()) ? *date : Instant();
    }
    static std::string format(boost::json::value const& value) {
        std::string text;
        wire::append_json(text, value);
        return text;
    }

    object const& source_;
    bool good_ = true;
};

std::optional<User> read_user(boost::json::value const* value) {
    if (value == nullptr || !value->is_object()) {
        return std::nullopt;
    }
    Members members(value->get_object());
    User user{.id = members.text("id"),
              .role = members.text("role"),
              .name = members.text_or_empty("name"),
              .image = members.text_or_empty("image"),
              .teams = members.texts_or_none("teams"),
              .online = members.flag_or_false("online"),
              .created_at = members.date("created_at"),
              .updated_at = members.date("updated_at"),
              .last_active = members.date_or_none("last_active"),
              .deactivated_at = members.date_or_none("deactivated_at"),
              .deleted_at = members.date_or_none("deleted_at"),
              .revoke_tokens_issued_before = members.date_or_none("revoke_tokens_issued_before"),
              .custom_json = members.object_text_or("custom", "{}")};
    return members.good() && !user.id.empty() ? std::optional(std::move(user)) : std::nullopt;
}

/// `read` yields nothing where the object has not the shape.
template <class Read>
auto read_answer(Response const& response, Read read)
    -> Result<typename decltype(read(std::declval<object const&>()))::value_type> {
    auto const body = wire::parse_json_object(response.body);
    auto value = body ? read(*body) : std::nullopt;
    if (!value) {
        return std::unexpected(
            Error{.kind = Error::Kind::BadAnswer,
                  .http_status = response.status,
                  .message = "the answer has not the shape that the API gives it"});
    }
    return *std::move(value);
}

}  // namespace

Result<std::vector<User>> read_changed_users(Response const& response,
                                             std::span<std::string const> user_ids) {
    return read_answer(response,
                       [user_ids](object const& body) -> std::optional<std::vector<User>> {
                           auto const* const map = body.if_contains("users");
                           if (map == nullptr || !map->is_object()) {
                               return std::nullopt;
                           }
                           std::vector<User> users;
                           for (auto const& id : user_ids) {
                               auto user = read_user(map->get_object().if_contains(id));
                               if (!user || user->id != id) {
                                   return std::nullopt;
                               }
                               users.push_back(*std::move(user));
                           }
                           return users;
                       });
}

Result<std::vector<User>> read_found_users(Response const& response) {
    return read_answer(response, [](object const& body) -> std::optional<std::vector<User>> {
        auto const* const list = body.if_contains("users");
        if (list == nullptr || !list->is_array()) {
            return std::nullopt;
        }
        std::vector<User> users;
        for (auto const& entry : list->get_array()) {
            auto user = read_user(&entry);
            if (!user) {
                return std::nullopt;
            }
            users.push_back(*std::move(user));
        }
        return users;
    });
}

Result<User> read_one_user(Response const& response) {
    return read_answer(response,
                       [](object const& body) { return read_user(body.if_contains("user")); });
}

Result<UserExport> read_export(Response const& response) {
    return read_answer(response, [](object const& body) -> std::optional<UserExport> {
        Members members(body);
        UserExport result{.user = {},
                          .messages_json = members.array_text_or("messages", "[]"),
                          .reactions_json = members.array_text_or("reactions", "[]")};
        auto user = read_user(body.if_contains("user"));
        if (!user || !members.good()) {
            return std::nullopt;
        }
        result.user = *std::move(user);
        return result;
    });
}

Result<GuestAccess> read_guest(Response const& response) {
    return read_answer(response, [](object const& body) -> std::optional<GuestAccess> {
        Members members(body);
        auto token = members.text("access_token");
        auto user = read_user(body.if_contains("user"));
        if (!user || token.empty()) {
            return std::nullopt;
        }
        return GuestAccess{.user = *std::move(user), .access_token = std::move(token)};
    });
}

Result<std::string> read_task_id(Response const& response) {
    return read_answer(response, [](object const& body) {
        auto id = Members(body).text("task_id");
        return id.empty() ? std::nullopt : std::optional(std::move(id));
    });
}

Result<Task> read_task(Response const& response) {
    return read_answer(response, [](object const& body) {
        Members members(body);
        Task task{.id = members.text("task_id"),
                  .status = members.text("status"),
                  .created_at = members.date("created_at"),
                  .updated_at = members.date("updated_at"),
                  .result_json = members.object_text_or("result", ""),
                  .error_json = members.object_text_or("error", "")};
        return members.good() ? std::optional(std::move(task)) : std::nullopt;
    });
}

Result<std::string> read_app(Response const& response) {
    return read_answer(response, [](object const& body) {
        Members members(body);
        auto text = members.object_text("app");
        return members.good() ? std::optional(std::move(text)) : std::nullopt;
    });
}

Result<Done> read_done(Response const& response) {
    return read_answer(response, [](object const&) { return std::optional(Done{}); });
}

}  // namespace latchkey::sdk::answers
