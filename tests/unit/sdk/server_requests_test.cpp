#include "sdk/server_requests.hpp"

#include "http/uri.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace latchkey::sdk::requests {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

constexpr Instant kBefore{1'700'000'000'123'000us};

std::vector<std::string> user_ids(std::size_t count) {
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < count; ++i) {
        ids.push_back("user-" + std::to_string(i));
    }
    return ids;
}

std::string text_of(Formatted const& call) {
    return call ? call->method + ' ' + call->path + ' ' + call->body
                : "refused: " + call.error().message;
}

bool is_refused(Formatted const& call) {
    return !call && call.error().kind == Error::Kind::InvalidArgument;
}

TEST(Requests, HaveThePathsAndBodiesOfTheProtocol) {
    std::vector<std::string> const two = {"john", "jane"};
    EXPECT_EQ(text_of(deactivate_user("john")), "POST /api/v2/users/john/deactivate {}");
    EXPECT_EQ(text_of(reactivate_user("j@hn_-")), "POST /api/v2/users/j@hn_-/reactivate {}");
    EXPECT_EQ(text_of(export_user("john")), "GET /api/v2/users/john/export ");
    EXPECT_EQ(text_of(deactivate_users(two)),
              R"(POST /api/v2/users/deactivate {"user_ids":["john","jane"]})");
    EXPECT_EQ(text_of(reactivate_users(two)),
              R"(POST /api/v2/users/reactivate {"user_ids":["john","jane"]})");
    EXPECT_EQ(text_of(restore_users(two)),
              R"(POST /api/v2/users/restore {"user_ids":["john","jane"]})");
    EXPECT_EQ(text_of(delete_users(two, Deletion::Soft)),
              R"(POST /api/v2/users/delete {"user_ids":["john","jane"],"user":"soft"})");
    EXPECT_EQ(text_of(delete_users(two, Deletion::Pruning)),
              R"(POST /api/v2/users/delete {"user_ids":["john","jane"],"user":"pruning"})");
    EXPECT_EQ(text_of(delete_users(two, Deletion::Hard)),
              R"(POST /api/v2/users/delete {"user_ids":["john","jane"],"user":"hard"})");
    EXPECT_EQ(text_of(get_task("7b-1_A")), "GET /api/v2/tasks/7b-1_A ");
    EXPECT_EQ(text_of(get_app()), "GET /api/v2/app ");
    EXPECT_EQ(text_of(create_guest({.id = "tom", .name = "Tom", .role = "admin"})),
              R"(POST /api/v2/guest {"user":{"id":"tom","name":"Tom"}})");
}

TEST(RevokeUsersToken, SendsAnRfc3339DateOrAnExplicitNull) {
    std::vector<std::string> const two = {"john", "jane"};
    EXPECT_EQ(
        text_of(revoke_users_token(two, kBefore)),
        R"(PATCH /api/v2/users {"users":[)"
        R"({"id":"john","set":{"revoke_tokens_issued_before":"2023-11-14T22:13:20.123000Z"}},)"
        R"({"id":"jane","set":{"revoke_tokens_issued_before":"2023-11-14T22:13:20.123000Z"}}]})");
    EXPECT_EQ(text_of(revoke_users_token(std::span(two).first(1), std::nullopt)),
              R"(PATCH /api/v2/users {"users":[{"id":"john","set":)"
              R"({"revoke_tokens_issued_before":null}}]})");
}

TEST(RevokeTokens, SendsAnRfc3339DateOrAnExplicitNull) {
    EXPECT_EQ(text_of(revoke_tokens(kBefore)),
              R"(PATCH /api/v2/app {"revoke_tokens_issued_before":"2023-11-14T22:13:20.123000Z"})");
    EXPECT_EQ(text_of(revoke_tokens(Instant())),
              R"(PATCH /api/v2/app {"revoke_tokens_issued_before":"1970-01-01T00:00:00.000000Z"})");
    EXPECT_EQ(text_of(revoke_tokens(std::nullopt)),
              R"(PATCH /api/v2/app {"revoke_tokens_issued_before":null})");
}

TEST(RevokeTokens, TakesInstantsThatADateCanCarry) {
    std::vector<std::string> const john = {"john"};
    EXPECT_TRUE(revoke_tokens(kInstantMax).has_value());
    EXPECT_TRUE(is_refused(revoke_tokens(kInstantMax + 1us)));
    EXPECT_TRUE(is_refused(revoke_tokens(kInstantMin - 1us)));
    EXPECT_TRUE(revoke_users_token(john, kInstantMax).has_value());
    EXPECT_TRUE(is_refused(revoke_users_token(john, kInstantMax + 1us)));
}

TEST(ListsOfUsers, HoldOneToAHundredDifferentOnes) {
    auto const all = [](std::vector<std::string> const& ids) {
        std::vector<UserRequest> users;
        std::vector<UserPatch> patches;
        for (auto const& id : ids) {
            users.push_back({.id = id});
            patches.push_back({.id = id});
        }
        return std::vector<Formatted>{upsert_users(users),        update_users_partial(patches),
                                      deactivate_users(ids),      reactivate_users(ids),
                                      restore_users(ids),         delete_users(ids, Deletion::Soft),
                                      revoke_users_token(ids, {})};
    };
    for (auto const& call : all(user_ids(1))) {
        EXPECT_TRUE(call.has_value());
    }
    for (auto const& call : all(user_ids(100))) {
        EXPECT_TRUE(call.has_value());
    }
    for (auto const& refused : {user_ids(0), user_ids(101), {"john", "john"}, {"john", "j hn"}}) {
        for (auto const& call : all(refused)) {
            EXPECT_TRUE(is_refused(call)) << text_of(call);
        }
    }
}

TEST(SingleUsers, AreNamedByAUserId) {
    for (std::string_view const id : {"", "..", "a/b", "a?b", "a b", "a%2fb", "!anon"}) {
        EXPECT_TRUE(is_refused(deactivate_user(id))) << id;
        EXPECT_TRUE(is_refused(reactivate_user(id))) << id;
        EXPECT_TRUE(is_refused(export_user(id))) << id;
        EXPECT_TRUE(is_refused(create_guest({.id = std::string(id)}))) << id;
    }
}

TEST(GetTask, TakesNoIdThatWouldBeAPathOfItsOwn) {
    EXPECT_TRUE(get_task(std::string(128, 't')).has_value());
    EXPECT_TRUE(is_refused(get_task(std::string(129, 't'))));
    for (std::string_view const id : {"", ".", "..", "a/b", "a?b", "a b"}) {
        EXPECT_TRUE(is_refused(get_task(id))) << id;
    }
}

TEST(UpsertUsers, SendsAMapOfWhatIsGiven) {
    std::vector<UserRequest> const users = {{.id = "john",
                                             .name = "John \"J\"",
                                             .image = "i",
                                             .role = "admin",
                                             .teams = {"red", "blue"},
                                             .invisible = true,
                                             .custom_json = R"({ "a": [1, 2.5] })"},
                                            {.id = "jane"}};
    EXPECT_EQ(text_of(upsert_users(users)),
              R"(POST /api/v2/users {"users":{"john":{"id":"john","name":"John \"J\"","image":"i",)"
              R"("invisible":true,"role":"admin","teams":["red","blue"],"custom":{"a":[1,2.5]}},)"
              R"("jane":{"id":"jane"}}})");
}

TEST(UpsertUsers, RefusesCustomDataThatIsNoObject) {
    for (std::string_view const text : {"[]", "1", "{", R"({"a":1,"a":2})", "{}}", "{} {}"}) {
        std::vector<UserRequest> const users = {{.id = "john", .custom_json = std::string(text)}};
        EXPECT_TRUE(is_refused(upsert_users(users))) << text;
    }
}

TEST(UpdateUsersPartial, SendsWhatToSetAndWhatToUnset) {
    std::vector<UserPatch> const patches = {
        {.id = "john", .set = {{"name", R"("J")"}, {"address.city", "null"}}, .unset = {"image"}},
        {.id = "jane"}};
    EXPECT_EQ(
        text_of(update_users_partial(patches)),
        R"(PATCH /api/v2/users {"users":[{"id":"john","set":{"address.city":null,"name":"J"},)"
        R"("unset":["image"]},{"id":"jane","set":{},"unset":[]}]})");
}

TEST(UpdateUsersPartial, RefusesFieldsThatAreSetAndUnsetAndValuesThatAreNotJson) {
    auto const patched = [](UserPatch patch) {
        return update_users_partial(std::vector<UserPatch>{std::move(patch)});
    };
    EXPECT_TRUE(is_refused(patched({.id = "john", .set = {{"a", "1"}}, .unset = {"a"}})));
    EXPECT_TRUE(is_refused(patched({.id = "john", .set = {{"a", "word"}}})));
    EXPECT_TRUE(is_refused(patched({.id = "john", .set = {{"a", R"(1},"b":{"c":1)"}}})));
    EXPECT_TRUE(patched({.id = "john", .set = {{"a", "1"}}, .unset = {"b"}}).has_value());
}

TEST(QueryUsers, PutsTheQueryIntoThePayload) {
    auto const call = query_users({.filter_json = R"({"name": {"$autocomplete": "J & J"}})",
                                   .sort_json = R"([{"field":"id","direction":-1}])",
                                   .limit = 100,
                                   .offset = 1000,
                                   .include_deactivated = true});
    ASSERT_TRUE(call.has_value());
    EXPECT_EQ(call->method, "GET");
    EXPECT_EQ(call->body, "");
    auto const query = std::string_view(call->path).substr(call->path.find('?') + 1);
    EXPECT_EQ(http::decode_query_value(*http::find_query_parameter(query, "payload")),
              R"({"filter_conditions":{"name":{"$autocomplete":"J & J"}},)"
              R"("sort":[{"field":"id","direction":-1}],"limit":100,"offset":1000,)"
              R"("include_deactivated_users":true})");
}

TEST(QueryUsers, RefusesWhatNoServerTakes) {
    EXPECT_TRUE(query_users({}).has_value());
    EXPECT_TRUE(query_users({.limit = 1}).has_value());
    EXPECT_TRUE(is_refused(query_users({.limit = 0})));
    EXPECT_TRUE(is_refused(query_users({.limit = 101})));
    EXPECT_TRUE(is_refused(query_users({.offset = 1001})));
    EXPECT_TRUE(is_refused(query_users({.filter_json = "[]"})));
    EXPECT_TRUE(is_refused(query_users({.filter_json = ""})));
    EXPECT_TRUE(is_refused(query_users({.sort_json = "{}"})));
    EXPECT_TRUE(is_refused(query_users({.sort_json = "["})));
}

TEST(UpdateApp, SendsTheSettingsThatAreNamed) {
    EXPECT_EQ(text_of(update_app(R"({ "name": "x", "grants": {"user": ["a"]} })")),
              R"(PATCH /api/v2/app {"name":"x","grants":{"user":["a"]}})");
    EXPECT_EQ(text_of(update_app(R"({"revoke_tokens_issued_before":null})")),
              R"(PATCH /api/v2/app {"revoke_tokens_issued_before":null})");
}

TEST(UpdateApp, DoesNotUndoARevocationByNamingNothing) {
    EXPECT_TRUE(is_refused(update_app("{}")));
    EXPECT_TRUE(is_refused(update_app(R"({"grants":null,"event_hooks":null})")));
    EXPECT_TRUE(update_app(R"({"grants":null,"name":"x"})").has_value());
}

TEST(UpdateApp, RefusesWhatIsNoObject) {
    for (std::string_view const text : {"", "null", "[]", "{", R"({"a":1}{)"}) {
        EXPECT_TRUE(is_refused(update_app(text))) << text;
    }
}

TEST(Requests, RepeatNothingOfTheirArgumentsInErrors) {
    std::vector<UserPatch> const patches = {{.id = "john", .set = {{"private", "private"}}}};
    for (auto const& call :
         {deactivate_user("private user"), update_users_partial(patches), update_app("private"),
          query_users({.filter_json = "private"}), get_task("private/task")}) {
        ASSERT_FALSE(call.has_value());
        EXPECT_THAT(call.error().message, Not(HasSubstr("private")));
    }
}

TEST(Requests, AreRepeatableButForThoseThatWouldDoOrAnswerSomethingElse) {
    std::vector<std::string> const john = {"john"};
    EXPECT_EQ(create_guest({.id = "tom"})->repeat, Repeat::OnlyIfUnsent);
    EXPECT_EQ(delete_users(john, Deletion::Hard)->repeat, Repeat::OnlyIfUnsent);
    for (auto const& call :
         {get_app(), get_task("t"), deactivate_user("john"), delete_users(john, Deletion::Soft),
          revoke_tokens(kBefore), revoke_users_token(john, kBefore), query_users({})}) {
        EXPECT_EQ(call->repeat, Repeat::Harmless);
    }
}

}  // namespace
}  // namespace latchkey::sdk::requests
