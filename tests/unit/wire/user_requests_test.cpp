#include "wire/user_requests.hpp"

#include "wire/json.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace latchkey::wire {
namespace {

using std::chrono::microseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;

constexpr std::array kStyles{Style::Legacy, Style::V2};
constexpr Instant kDate{microseconds(1'700'000'000'123'000)};
constexpr std::optional<std::optional<Instant>> kUndone{std::in_place, std::nullopt};
constexpr std::optional<std::optional<std::string>> kUnset{std::in_place, std::nullopt};

boost::json::object json(std::string const& text) {
    auto const object = parse_json_object(text);
    EXPECT_TRUE(object) << text;
    return object.value_or(boost::json::object());
}

/// A user object of `john` with these members.
std::string user(std::string const& members) {
    return R"({"id":"john")" + (members.empty() ? "" : "," + members) + '}';
}

auto upsert(std::string const& members, Style style) {
    return parse_upsert_users(json(R"({"users":{"john":)" + user(members) + "}}"), style);
}

auto patch(std::string const& members, Style style) {
    return parse_patch_users(json(R"({"users":[)" + user(members) + "]}"), style);
}

std::string member(std::string const& name, std::string const& value) {
    return '"' + name + "\":" + value;
}

std::string setting(std::string const& name, std::string const& value) {
    return "\"set\":{" + member(name, value) + '}';
}

std::string text_of(std::size_t bytes) { return std::string(bytes, 'x'); }

std::string quoted(std::size_t bytes) { return '"' + text_of(bytes) + '"'; }

std::string list_of(std::size_t entries) {
    std::string list = "[";
    for (std::size_t i = 0; i < entries; ++i) {
        list += i == 0 ? R"("t")" : R"(,"t")";
    }
    return list + ']';
}

void expect_refused(auto const& result, std::string const& field, std::string const& reason) {
    ASSERT_FALSE(result) << field << ' ' << reason;
    EXPECT_EQ(result.error().code, ErrorCode::InputError);
    EXPECT_EQ(result.error().http_status, 400);
    EXPECT_THAT(result.error().message, HasSubstr(field + ' '));
    EXPECT_THAT(result.error().message, HasSubstr(reason));
    EXPECT_THAT(result.error().exception_fields, ElementsAre(Key(field)));
}

// ---- values that upsert and patch judge alike
// -----------------------------------------------------

struct ValueCase {
    std::string name;
    std::string good;  ///< at the limit
    std::string bad;   ///< one past it, or of another type
    std::string reason;
};

std::vector<ValueCase> value_cases() {
    auto const map_at = [](std::size_t bytes) { return R"({"t":)" + quoted(bytes) + '}'; };
    return {
        {"name", quoted(kUserNameBytesMax), quoted(kUserNameBytesMax + 1), "at most 255 bytes"},
        {"name", R"("")", "7", "must be a string"},
        {"name", R"("a")", R"("a\u0000b")", "U+0000"},
        {"image", quoted(kUserImageBytesMax), quoted(kUserImageBytesMax + 1), "at most 4096 bytes"},
        {"image", R"("")", "{}", "must be a string"},
        {"role", quoted(kTextBytesMax), quoted(kTextBytesMax + 1), "at most 255 bytes"},
        {"role", R"("r")", R"("")", "must not be empty"},
        {"role", R"("admin")", R"(["admin"])", "must be a string"},
        {"language", quoted(kTextBytesMax), quoted(kTextBytesMax + 1), "at most 255 bytes"},
        {"language", R"("")", "true", "must be a string"},
        {"invisible", "true", R"("true")", "must be a boolean"},
        {"invisible", "false", "0", "must be a boolean"},
        {"teams", list_of(kUserTeamsMax), list_of(kUserTeamsMax + 1), "at most 250 entries"},
        {"teams", "[]", R"("red")", "must be a list of strings"},
        {"teams", R"(["red"])", R"(["red",1])", "must be a string"},
        {"teams", '[' + quoted(kTextBytesMax) + ']', '[' + quoted(kTextBytesMax + 1) + ']',
         "at most 255 bytes"},
        {"teams", R"(["a"])", R"([""])", "must not be empty"},
        {"teams_role", map_at(kTextBytesMax), map_at(kTextBytesMax + 1), "at most 255 bytes"},
        {"teams_role", "{}", "[]", "must be an object"},
        {"teams_role", R"({"red":"admin"})", R"({"red":1})", "must be a string"},
        {"privacy_settings", R"({"typing_indicators":{"enabled":true}})",
         R"({"typing_indicators":true})", "enabled"},
        {"privacy_settings", R"({"read_receipts":null})", R"({"read_receipts":{}})", "enabled"},
        {"privacy_settings", "{}", "[]", "must be an object"},
    };
}

TEST(ParseUpsertUsers, TakesEachValueAtItsLimitAndNotOnePastIt) {
    for (auto const style : kStyles) {
        for (auto const& [name, good, bad, reason] : value_cases()) {
            EXPECT_TRUE(upsert(member(name, good), style)) << name << good.substr(0, 40);
            expect_refused(upsert(member(name, bad), style), "users[john]." + name, reason);
        }
    }
}

TEST(ParsePatchUsers, TakesEachValueAtItsLimitAndNotOnePastIt) {
    for (auto const style : kStyles) {
        for (auto const& [name, good, bad, reason] : value_cases()) {
            EXPECT_TRUE(patch(setting(name, good), style)) << name;
            expect_refused(patch(setting(name, bad), style), "users[john]." + name, reason);
        }
    }
}

// ---- upsert
// ---------------------------------------------------------------------------------------

TEST(ParseUpsertUsers, ReadsEveryFieldOfAUser) {
    auto const users = upsert(
        R"("name":"John","image":"i","role":"admin","teams":["red"],"teams_role":{"red":"admin"},)"
        R"("language":"en","invisible":true,"privacy_settings":{"read_receipts":{"enabled":false},"x":1})",
        Style::V2);
    ASSERT_TRUE(users);
    ASSERT_EQ(users->size(), 1U);
    auto const& john = users->front();
    EXPECT_EQ(john.id.text(), "john");
    EXPECT_EQ(john.name, "John");
    EXPECT_EQ(john.image, "i");
    EXPECT_EQ(john.role, "admin");
    EXPECT_EQ(john.teams, std::vector<std::string>{"red"});
    EXPECT_EQ(john.teams_role, (boost::json::object{{"red", "admin"}}));
    EXPECT_EQ(john.language, "en");
    EXPECT_EQ(john.invisible, true);
    EXPECT_EQ(john.privacy_settings,
              (boost::json::object{{"read_receipts", {{"enabled", false}}}}));
    EXPECT_TRUE(john.custom.empty());
}

TEST(ParseUpsertUsers, TakesNullForAbsent) {
    for (auto const style : kStyles) {
        auto const users = upsert(
            R"("name":null,"image":null,"role":null,"teams":null,"teams_role":null,"language":null,)"
            R"("invisible":null,"privacy_settings":null,"custom":null,"online":null,"color":null,)"
            R"("revoke_tokens_issued_before":null)",
            style);
        ASSERT_TRUE(users);
        auto const& john = users->front();
        EXPECT_FALSE(john.name || john.image || john.role || john.teams || john.teams_role);
        EXPECT_FALSE(john.language || john.invisible || john.privacy_settings);
        EXPECT_FALSE(john.revoke_tokens_issued_before);
        EXPECT_TRUE(john.custom.empty());
    }
}

TEST(ParseUpsertUsers, ReadsCustomDataFromWhereItsStyleHasIt) {
    auto const members = R"("color":"blue","custom":{"size":3,"role":"x"})";
    auto const legacy = upsert(members, Style::Legacy);
    ASSERT_TRUE(legacy);
    EXPECT_EQ(legacy->front().custom,
              (boost::json::object{{"color", "blue"}, {"custom", {{"size", 3}, {"role", "x"}}}}));
    auto const v2 = upsert(members, Style::V2);
    ASSERT_TRUE(v2);
    EXPECT_EQ(v2->front().custom, (boost::json::object{{"size", 3}, {"role", "x"}}));
    EXPECT_FALSE(v2->front().role);
    expect_refused(upsert(R"("custom":[])", Style::V2), "users[john].custom", "must be an object");
}

TEST(ParseUpsertUsers, ReadsARevocationInTheLegacyStyleOnly) {
    auto const members = R"("revoke_tokens_issued_before":"2023-11-14T22:13:20.123Z")";
    EXPECT_EQ(upsert(members, Style::Legacy)->front().revoke_tokens_issued_before, kDate);
    EXPECT_EQ(upsert(members, Style::V2)->front().revoke_tokens_issued_before, std::nullopt);
    expect_refused(upsert(R"("revoke_tokens_issued_before":"soon")", Style::Legacy),
                   "users[john].revoke_tokens_issued_before", "must be a date");
    EXPECT_TRUE(upsert(R"("revoke_tokens_issued_before":"soon")", Style::V2));
}

TEST(ParseUpsertUsers, RefusesFieldsThatStandInAnswersOnly) {
    for (auto const style : kStyles) {
        for (std::string const name : {"banned",
                                       "shadow_banned",
                                       "ban_expires",
                                       "online",
                                       "last_active",
                                       "created_at",
                                       "updated_at",
                                       "deleted_at",
                                       "deactivated_at",
                                       "devices",
                                       "mutes",
                                       "channel_mutes",
                                       "blocked_user_ids",
                                       "unread_count",
                                       "total_unread_count",
                                       "unread_channels",
                                       "unread_threads",
                                       "push_notifications",
                                       "avg_response_time",
                                       "bypass_moderation",
                                       "latest_hidden_channels"}) {
            auto const result = upsert('"' + name + "\":false", style);
            ASSERT_FALSE(result) << name;
            EXPECT_EQ(result.error().message, "users[john]." + name + " is a reserved field");
            EXPECT_EQ(result.error().exception_fields.at("users[john]." + name),
                      "is a reserved field");
        }
    }
}

std::string user_object(std::string const& id) { return R"({"id":")" + id + R"("})"; }

std::string users_object(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        auto const id = 'u' + std::to_string(i);
        text += (i == 0 ? "" : ",") + member(id, user_object(id));
    }
    return R"({"users":{)" + text + "}}";
}

std::string users_list(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += (i == 0 ? R"({"id":"u)" : R"(,{"id":"u)") + std::to_string(i) + R"("})";
    }
    return R"({"users":[)" + text + "]}";
}

TEST(ParseUpsertUsers, TakesOneToAHundredUsersInTheirOrder) {
    auto const users = parse_upsert_users(json(users_object(kUsersPerRequestMax)), Style::V2);
    ASSERT_TRUE(users);
    ASSERT_EQ(users->size(), kUsersPerRequestMax);
    EXPECT_EQ(users->front().id.text(), "u0");
    EXPECT_EQ(users->back().id.text(), "u99");
    expect_refused(parse_upsert_users(json(users_object(kUsersPerRequestMax + 1)), Style::V2),
                   "users", "1 to 100");
    for (auto const* body : {"{}", R"({"users":{}})", R"({"users":null})", R"({"users":[]})",
                             R"({"users":[{"id":"u"}]})", R"({"user":{"u":{"id":"u"}}})"}) {
        expect_refused(parse_upsert_users(json(body), Style::V2), "users", "1 to 100");
    }
}

TEST(ParseUpsertUsers, RefusesIdsThatAreNoneOrNotTheKeyOfTheirEntry) {
    struct Case {
        std::string body;
        std::string field;
    };
    for (auto const& [body, field] :
         {Case{R"({"users":{"u":{}}})", "users[u].id"},
          Case{R"({"users":{"u":{"id":null}}})", "users[u].id"},
          Case{R"({"users":{"7":{"id":7}}})", "users[7].id"},
          Case{R"({"users":{"u":{"id":"v"}}})", "users[u].id"},
          Case{R"({"users":{"a.b":{"id":"a.b"}}})", "users[a.b].id"},
          Case{R"({"users":{"!anon":{"id":"!anon"}}})", "users[!anon].id"},
          Case{R"({"users":{"":{"id":""}}})", "users[].id"},
          Case{R"({"users":{"u":1}})", "users[u]"}, Case{R"({"users":{"u":null}})", "users[u]"}}) {
        expect_refused(parse_upsert_users(json(body), Style::V2), field, "must be");
    }
    auto const longest = text_of(kUserIdBytesMax);
    EXPECT_TRUE(parse_upsert_users(
        json(R"({"users":{")" + longest + R"(":{"id":")" + longest + R"("}}})"), Style::V2));
}

TEST(ParseUpsertUsers, CutsLongNamesInItsTextsBetweenCharacters) {
    std::string id;
    for (int i = 0; i < 100; ++i) {
        id += "ä";
    }
    auto const result =
        parse_upsert_users(json(R"({"users":{"x)" + id + R"(":{"id":"y"}}})"), Style::V2);
    ASSERT_FALSE(result);
    EXPECT_LT(result.error().message.size(), 300U);
    EXPECT_TRUE(parse_json_object(format_api_error(result.error(), "UpdateUsers", {})));
}

TEST(ParseUpsertUsers, TakesCustomDataUpToItsLimits) {
    auto const sized = [](std::size_t bytes) {
        return R"("x":)" + quoted(bytes - std::string_view(R"({"x":""})").size());
    };
    EXPECT_TRUE(upsert(sized(kCustomDataBytesMax), Style::Legacy));
    expect_refused(upsert(sized(kCustomDataBytesMax + 1), Style::Legacy), "users[john].custom",
                   "at most 5120 bytes");
    auto const wrapped = [&](std::size_t bytes) { return "\"custom\":{" + sized(bytes) + '}'; };
    EXPECT_TRUE(upsert(wrapped(kCustomDataBytesMax), Style::V2));
    expect_refused(upsert(wrapped(kCustomDataBytesMax + 1), Style::V2), "users[john].custom",
                   "at most 5120 bytes");
    auto const deep = [](std::size_t depth) {  // custom itself is the first level
        return R"("x":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']');
    };
    EXPECT_TRUE(upsert(deep(kCustomDepthMax), Style::Legacy));
    expect_refused(upsert(deep(kCustomDepthMax + 1), Style::Legacy), "users[john].custom",
                   "at most 24 levels");
}

// ---- guest
// ----------------------------------------------------------------------------------------

TEST(ParseGuest, ReadsWhatAGuestMayWriteAndPassesOverTheRest) {
    auto const body = json(
        R"({"user":{"id":"tommaso","name":"T","role":"admin","teams":["red"],"banned":true,)"
        R"("created_at":"x","unread_count":"x","revoke_tokens_issued_before":"soon","color":"blue",)"
        R"("custom":{"x":1}}})");
    auto const legacy = parse_guest(body, Style::Legacy);
    ASSERT_TRUE(legacy);
    EXPECT_EQ(legacy->id.text(), "tommaso");
    EXPECT_EQ(legacy->name, "T");
    EXPECT_FALSE(legacy->role || legacy->teams || legacy->revoke_tokens_issued_before);
    EXPECT_EQ(legacy->custom, (boost::json::object{{"color", "blue"}, {"custom", {{"x", 1}}}}));
    EXPECT_EQ(parse_guest(body, Style::V2)->custom, (boost::json::object{{"x", 1}}));
}

TEST(ParseGuest, RefusesABodyWithoutAUserOrWithAWrongType) {
    expect_refused(parse_guest(json("{}"), Style::V2), "user", "must be an object");
    expect_refused(parse_guest(json(R"({"user":{}})"), Style::V2), "user.id", "must be a user id");
    expect_refused(parse_guest(json(R"({"user":{"id":"a b"}})"), Style::V2), "user.id", "must be");
    expect_refused(parse_guest(json(R"({"user":{"id":"a","name":1}})"), Style::V2), "user.name",
                   "must be a string");
}

// ---- patch
// ----------------------------------------------------------------------------------------

TEST(ParsePatchUsers, ReadsTheRecordedBodies) {
    for (auto const style : kStyles) {
        auto const one = parse_patch_users(
            json(
                R"({"users":[{"id":"u1","set":{"revoke_tokens_issued_before":"2023-11-14T22:13:20.123Z"}}]})"),
            style);
        ASSERT_TRUE(one);
        EXPECT_EQ(one->front().revoke_tokens_issued_before, std::optional(kDate));
        EXPECT_TRUE(one->front().needs_server());

        auto const undo = parse_patch_users(
            json(R"({"users":[{"id":"u1","set":{"revoke_tokens_issued_before":null}}]})"), style);
        ASSERT_TRUE(undo);
        EXPECT_TRUE(undo->front().revoke_tokens_issued_before == kUndone);

        auto const both = parse_patch_users(
            json(
                R"({"users":[{"id":"user1","set":{"revoke_tokens_issued_before":"2023-11-14T22:13:20.123456789Z"}},)"
                R"({"id":"user2","unset":["revoke_tokens_issued_before"]}]})"),
            style);
        ASSERT_TRUE(both);
        ASSERT_EQ(both->size(), 2U);
        EXPECT_EQ(both->at(0).revoke_tokens_issued_before,
                  std::optional(Instant(microseconds(1'700'000'000'123'457))));
        EXPECT_TRUE(both->at(1).revoke_tokens_issued_before == kUndone);
    }
}

TEST(ParsePatchUsers, TakesAMissingEmptyOrNullSetAndUnsetAsNothingToDo) {
    for (auto const style : kStyles) {
        for (auto const* members : {"", R"("set":{})", R"("set":null)", R"("unset":[])",
                                    R"("unset":null)", R"("set":{},"unset":[])", R"("other":1)"}) {
            auto const patches = patch(members, style);
            ASSERT_TRUE(patches) << members;
            EXPECT_TRUE(patches->front().changes_nothing()) << members;
            EXPECT_FALSE(patches->front().needs_server()) << members;
        }
    }
}

TEST(ParsePatchUsers, UnsetsEachOfTheUsersFieldsByNullAndByName) {
    for (auto const* name : {"name", "image", "role", "teams", "teams_role", "language",
                             "invisible", "privacy_settings", "revoke_tokens_issued_before"}) {
        for (auto const& members : {"\"set\":{\"" + std::string(name) + "\":null}",
                                    "\"unset\":[\"" + std::string(name) + "\"]"}) {
            auto const patches = patch(members, Style::V2);
            ASSERT_TRUE(patches) << members;
            EXPECT_FALSE(patches->front().changes_nothing()) << members;
        }
    }
    auto const all = patch(
        R"("unset":["name","image","role","teams","teams_role","language","invisible","privacy_settings"])",
        Style::Legacy);
    ASSERT_TRUE(all);
    auto const& john = all->front();
    EXPECT_TRUE(john.name == kUnset);
    EXPECT_TRUE(john.image == kUnset);
    EXPECT_EQ(john.role, "user");
    EXPECT_EQ(john.teams, std::vector<std::string>{});
    EXPECT_EQ(john.teams_role, boost::json::object{});
    EXPECT_EQ(john.language, "");
    EXPECT_EQ(john.invisible, false);
    EXPECT_EQ(john.privacy_settings, boost::json::object{});
}

TEST(ParsePatchUsers, TellsWhatNeedsAServer) {
    for (auto const* name : {"role", "teams", "teams_role", "revoke_tokens_issued_before"}) {
        EXPECT_TRUE(
            patch("\"unset\":[\"" + std::string(name) + "\"]", Style::V2)->front().needs_server())
            << name;
    }
    for (auto const* name : {"name", "image", "language", "invisible", "privacy_settings", "color",
                             "custom", "custom.role"}) {
        EXPECT_FALSE(
            patch("\"unset\":[\"" + std::string(name) + "\"]", Style::V2)->front().needs_server())
            << name;
    }
}

TEST(ParsePatchUsers, RefusesReservedFieldsAndPartsOfTheUsersOwn) {
    for (auto const style : kStyles) {
        for (std::string const name : {"id", "created_at", "updated_at", "last_active", "online",
                                       "banned", "deleted_at", "deactivated_at", "devices"}) {
            expect_refused(patch("\"set\":{\"" + name + "\":null}", style), "users[john]." + name,
                           "is a reserved field");
            expect_refused(patch("\"unset\":[\"" + name + "\"]", style), "users[john]." + name,
                           "is a reserved field");
        }
        expect_refused(patch(R"("unset":["devices.x"])", style), "users[john].devices.x",
                       "is a reserved field");
        expect_refused(patch(R"("set":{"teams.0":"red"})", style), "users[john].teams.0", "whole");
        expect_refused(patch(R"("unset":["privacy_settings.read_receipts"])", style),
                       "users[john].privacy_settings.read_receipts", "whole");
    }
}

TEST(ParsePatchUsers, RefusesAFieldThatIsNamedTwice) {
    struct Case {
        std::string members;
        Style style;
        std::string field;
    };
    for (auto const& [members, style, field] :
         {Case{R"("set":{"name":"a"},"unset":["name"])", Style::V2, "name"},
          Case{R"("set":{"name":null},"unset":["name"])", Style::V2, "name"},
          Case{R"("set":{"a.b":1},"unset":["a.b"])", Style::Legacy, "a.b"},
          Case{R"("set":{"a":1},"unset":["custom.a"])", Style::V2, "custom.a"},
          Case{R"("set":{"a":1,"custom.a":2})", Style::V2, "custom.a"},
          Case{R"("set":{"custom":{}},"unset":["custom"])", Style::V2, "custom"}}) {
        expect_refused(patch(members, style), "users[john]." + field, "twice");
    }
    EXPECT_TRUE(patch(R"("set":{"a":1},"unset":["custom.a"])", Style::Legacy));
    EXPECT_TRUE(patch(R"("set":{"name":"a"},"unset":["custom.name"])", Style::V2));
    EXPECT_TRUE(patch(R"("unset":["a","a"])", Style::V2));
    EXPECT_TRUE(patch(R"("set":{"custom":{}},"unset":["custom.a"])", Style::V2));
}

TEST(ParsePatchUsers, RefusesBatchesThatAreEmptyTooLargeOrNameAUserTwice) {
    EXPECT_EQ(parse_patch_users(json(users_list(kUsersPerRequestMax)), Style::V2)->size(),
              kUsersPerRequestMax);
    expect_refused(parse_patch_users(json(users_list(kUsersPerRequestMax + 1)), Style::V2), "users",
                   "1 to 100");
    for (auto const* body : {"{}", R"({"users":[]})", R"({"users":{}})", R"({"users":null})"}) {
        expect_refused(parse_patch_users(json(body), Style::V2), "users", "1 to 100");
    }
    expect_refused(parse_patch_users(json(R"({"users":[{"id":"a"},{"id":"a"}]})"), Style::V2),
                   "users[a]", "twice");
    expect_refused(parse_patch_users(json(R"({"users":[{"id":"a"},7]})"), Style::V2), "users[1]",
                   "must be an object");
    expect_refused(parse_patch_users(json(R"({"users":[{"set":{}}]})"), Style::V2), "users[0].id",
                   "must be a user id");
    expect_refused(patch(R"("set":[])", Style::V2), "users[john].set", "must be an object");
    expect_refused(patch(R"("unset":{})", Style::V2), "users[john].unset", "must be a list");
    expect_refused(patch(R"("unset":[1])", Style::V2), "users[john].unset", "must be a list");
}

std::string path_of(std::size_t parts) {
    std::string path = "a";
    for (std::size_t i = 1; i < parts; ++i) {
        path += ".a";
    }
    return path;
}

std::string many_keys(std::size_t count) {
    std::string list;
    for (std::size_t i = 0; i < count; ++i) {
        list += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + '"';
    }
    return R"("unset":[)" + list + ']';
}

TEST(ParsePatchUsers, TakesKeysUpToTheirLimits) {
    auto const at_limit = patch("\"set\":{\"" + path_of(kPatchPathDepthMax) + "\":1}", Style::V2);
    ASSERT_TRUE(at_limit);
    EXPECT_EQ(at_limit->front().custom.front().path.size(), kPatchPathDepthMax);
    auto const over = path_of(kPatchPathDepthMax + 1);
    expect_refused(patch("\"set\":{\"" + over + "\":1}", Style::V2), "users[john]." + over,
                   "more than 16 parts");
    EXPECT_TRUE(patch(many_keys(kPatchKeysMax), Style::V2));
    expect_refused(patch(many_keys(kPatchKeysMax + 1), Style::V2), "users[john].k256", "too many");
    for (std::string const key : {"", ".", ".a", "a.", "a..b", "custom."}) {
        expect_refused(patch("\"set\":{\"" + key + "\":1}", Style::V2), "users[john]." + key,
                       "empty part");
    }
}

// ---- apply
// ----------------------------------------------------------------------------------------

struct ApplyCase {
    std::string before;
    std::string members;
    Style style;
    std::string after;
};

TEST(ApplyCustom, DoesWhatThePatchSays) {
    for (auto const& [before, members, style, after] : {
             ApplyCase{R"({})", R"("set":{"color":"blue"})", Style::Legacy, R"({"color":"blue"})"},
             ApplyCase{R"({"color":"red"})", R"("set":{"color":"blue"})", Style::V2,
                       R"({"color":"blue"})"},
             ApplyCase{R"({})", R"("set":{"address.city":"Paris"})", Style::Legacy,
                       R"({"address":{"city":"Paris"}})"},
             ApplyCase{R"({"address":{"city":"Paris","zip":1}})", R"("unset":["address.city"])",
                       Style::V2, R"({"address":{"zip":1}})"},
             ApplyCase{R"({"a":1})", R"("unset":["b","c.d"])", Style::V2, R"({"a":1})"},
             ApplyCase{R"({"a":1,"b":2})", R"("set":{"a":null})", Style::V2, R"({"b":2})"},
             ApplyCase{R"({"a":1})", R"("set":{"custom":{"b":2}})", Style::V2, R"({"b":2})"},
             ApplyCase{R"({"a":1})", R"("set":{"custom.b":2})", Style::V2, R"({"a":1,"b":2})"},
             ApplyCase{R"({"a":1})", R"("set":{"custom.b":2})", Style::Legacy,
                       R"({"a":1,"custom":{"b":2}})"},
             ApplyCase{R"({"a":1})", R"("set":{"custom":7})", Style::Legacy,
                       R"({"a":1,"custom":7})"},
             ApplyCase{R"({"a":1})", R"("set":{"x":1,"custom":{"b":2}})", Style::V2,
                       R"({"b":2,"x":1})"},
             ApplyCase{R"({"a":1})", R"("unset":["custom"])", Style::V2, R"({})"},
             ApplyCase{R"({"a":1})", R"("set":{"custom":null})", Style::V2, R"({})"},
             ApplyCase{R"({})", R"("set":{"custom.role":"x"})", Style::V2, R"({"role":"x"})"},
             ApplyCase{R"({"a":{"b":1}})", R"("set":{"a":5})", Style::V2, R"({"a":5})"},
             ApplyCase{R"({})", R"("set":{"a":{"n":null}})", Style::V2, R"({"a":{"n":null}})"},
         }) {
        auto custom = json(before);
        auto const patches = patch(members, style);
        ASSERT_TRUE(patches) << members;
        ASSERT_TRUE(apply_custom(patches->front(), custom)) << members;
        EXPECT_EQ(custom, json(after)) << members;
    }
}

TEST(ApplyCustom, RefusesAPathThroughSomethingThatIsNoObject) {
    for (auto const* before : {R"({"a":1})", R"({"a":[{"b":1}]})", R"({"a":null})"}) {
        for (auto const* members : {R"("set":{"a.b":1})", R"("unset":["a.b"])"}) {
            auto custom = json(before);
            expect_refused(apply_custom(patch(members, Style::V2)->front(), custom),
                           "users[john].a.b", "not an object");
        }
    }
}

TEST(ApplyCustom, HoldsTheResultToTheLimitsOfCustomData) {
    auto const sized = [](std::size_t bytes) {
        return R"("set":{"x":)" + quoted(bytes - std::string_view(R"({"a":1,"x":""})").size()) +
               '}';
    };
    auto custom = json(R"({"a":1})");
    ASSERT_TRUE(apply_custom(patch(sized(kCustomDataBytesMax), Style::V2)->front(), custom));
    EXPECT_EQ(json_bytes(custom), kCustomDataBytesMax);
    custom = json(R"({"a":1})");
    expect_refused(apply_custom(patch(sized(kCustomDataBytesMax + 1), Style::V2)->front(), custom),
                   "users[john].custom", "at most 5120 bytes");

    auto const deep = [](std::size_t depth) {  // 16 levels are the path's
        return "\"set\":{\"" + path_of(kPatchPathDepthMax) +
               "\":" + std::string(depth - kPatchPathDepthMax, '[') +
               std::string(depth - kPatchPathDepthMax, ']') + '}';
    };
    custom = {};
    EXPECT_TRUE(apply_custom(patch(deep(kCustomDepthMax), Style::V2)->front(), custom));
    custom = {};
    expect_refused(apply_custom(patch(deep(kCustomDepthMax + 1), Style::V2)->front(), custom),
                   "users[john].custom", "at most 24 levels");
}

// ---- connect
// --------------------------------------------------------------------------------------

TEST(ParseConnect, ReadsTheV2AuthMessage) {
    auto const request = parse_connect(
        R"({"token":"h.p.s","user_details":{"id":"john","name":"John","custom":{"x":1}},"products":["feeds"]})",
        Style::V2);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->token, "h.p.s");
    EXPECT_EQ(request->user_id, "john");
    EXPECT_TRUE(request->has_user_details);
    EXPECT_EQ(request->name, "John");
    EXPECT_EQ(request->custom, (boost::json::object{{"x", 1}}));
}

TEST(ParseConnect, ReadsTheLegacyPayloadOfEachClient) {
    struct Case {
        std::string text;
        std::optional<std::string> user_id;
        std::optional<std::string> token;
    };
    for (
        auto const& [text, user_id, token] :
        {Case{R"({"user_id":"john","user_details":{"id":"john"},"client_request_id":"r"})", "john",
              std::nullopt},
         Case{R"({"user_id":"x-1","user_details":{"id":"x-1","anon":true}})", "x-1", std::nullopt},
         Case{
             R"({"user_details":{"id":"john"},"user_id":"john","server_determines_connection_id":true,"X-Stream-Client":"c"})",
             "john", std::nullopt},
         Case{R"({"user_id":"u","user_details":{"id":"u"},"user_token":"h.p.s"})", "u", "h.p.s"},
         Case{R"({"user_details":{"id":"john"}})", "john", std::nullopt},
         Case{R"({"user_id":"john","user_details":{}})", "john", std::nullopt},
         Case{R"({"user_id":"a","user_details":{"id":"b"},"token":"t"})", "b", std::nullopt},
         Case{R"({"user_id":"a b!","user_details":{"id":7}})", "a b!", std::nullopt},
         Case{R"({"user_id":7,"user_details":{},"user_token":7})", std::nullopt, std::nullopt}}) {
        auto const request = parse_connect(text, Style::Legacy);
        ASSERT_TRUE(request) << text;
        EXPECT_EQ(request->user_id, user_id) << text;
        EXPECT_EQ(request->token, token) << text;
        EXPECT_TRUE(request->has_user_details) << text;
        EXPECT_THAT(request->custom, IsEmpty()) << text;
    }
}

TEST(ParseConnect, PassesOverReservedFieldsThatAGuestsClientSendsBack) {
    auto const request = parse_connect(
        R"({"user_id":"g","user_details":{"id":"g","role":"admin","teams":["t"],"teams_role":{"t":"admin"},)"
        R"("banned":true,"devices":[],"mutes":[],"channel_mutes":[],"unread_count":0,"total_unread_count":0,)"
        R"("unread_channels":0,"unread_threads":0,"blocked_user_ids":[],"created_at":"x","updated_at":7,)"
        R"("last_active":null,"online":true,"shadow_banned":false,"revoke_tokens_issued_before":null,)"
        R"("anon":false,"name":"G","image":"i","language":"en","invisible":true,)"
        R"("privacy_settings":{"read_receipts":{"enabled":true}},"color":"blue","shape":null}})",
        Style::Legacy);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->name, "G");
    EXPECT_EQ(request->image, "i");
    EXPECT_EQ(request->language, "en");
    EXPECT_EQ(request->invisible, true);
    EXPECT_EQ(request->privacy_settings,
              (boost::json::object{{"read_receipts", {{"enabled", true}}}}));
    EXPECT_EQ(request->custom, (boost::json::object{{"color", "blue"}}));
}

TEST(ParseConnect, PassesOverWhatHasTheWrongTypeOrIsTooLong) {
    for (auto const style : kStyles) {
        auto const request = parse_connect(
            R"({"user_details":{"id":"u","name":7,"image":)" + quoted(kUserImageBytesMax + 1) +
                R"(,"language":[],"invisible":"yes","privacy_settings":{"read_receipts":1}}})",
            style);
        ASSERT_TRUE(request);
        EXPECT_FALSE(request->name || request->image || request->language || request->invisible ||
                     request->privacy_settings);
    }
    auto const request =
        parse_connect(R"({"user_details":{"id":"u","custom":[],"extra":1}})", Style::V2);
    ASSERT_TRUE(request);
    EXPECT_THAT(request->custom, IsEmpty());
}

TEST(ParseConnect, TellsMissingDetailsFromEmptyOnes) {
    for (auto const* text : {"{}", R"({"user_id":"u"})", R"({"user_details":null})"}) {
        auto const request = parse_connect(text, Style::Legacy);
        ASSERT_TRUE(request) << text;
        EXPECT_FALSE(request->has_user_details) << text;
    }
    EXPECT_TRUE(parse_connect(R"({"user_details":{}})", Style::Legacy)->has_user_details);
}

TEST(ParseConnect, RefusesWhatIsNoObjectAndTooMuchCustomData) {
    for (auto const* text : {"", "null", "[]", "{", R"([{"type":"health.check"}])",
                             R"({"user_id":"a","user_id":"b"})"}) {
        auto const request = parse_connect(text, Style::V2);
        ASSERT_FALSE(request) << text;
        EXPECT_EQ(request.error().code, ErrorCode::InputError);
        EXPECT_THAT(request.error().message, HasSubstr("invalid json data"));
    }
    for (auto const* details : {"[]", "7", R"("john")", "true"}) {
        expect_refused(
            parse_connect(R"({"user_details":)" + std::string(details) + '}', Style::Legacy),
            "user_details", "must be an object");
    }
    auto const sized = [](std::size_t bytes) {
        return R"({"user_details":{"id":"u","x":)" +
               quoted(bytes - std::string_view(R"({"x":""})").size()) + "}}";
    };
    EXPECT_TRUE(parse_connect(sized(kCustomDataBytesMax), Style::Legacy));
    expect_refused(parse_connect(sized(kCustomDataBytesMax + 1), Style::Legacy),
                   "user_details.custom", "at most 5120 bytes");
}

}  // namespace
}  // namespace latchkey::wire
