#include "api/openapi.hpp"

#include "api/routes.hpp"
#include "support/schema_check.hpp"
#include "support/test_node.hpp"
#include "wire/app_settings.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace latchkey::api {
namespace {

using test::method_key;
using test::TestNode;
using testing::Contains;
using testing::HasSubstr;

/// `get /api/v2/app GetAppV2`: ids are unique in a document, so the v2 style's have an end of their
/// own.
std::string describe(std::string_view method, std::string_view path, std::string_view id) {
    return std::string(method) + ' ' + std::string(path) + ' ' + std::string(id);
}

std::set<std::string> served() {
    std::set<std::string> all;
    for (auto const& route : routes()) {
        auto const id = std::string(facts(route.operation).id);
        auto const method = method_key(route.method);
        if (route.styles != Styles::V2Only) {
            all.insert(describe(method, route.path, id));
        }
        if (route.styles != Styles::LegacyOnly) {
            all.insert(describe(method, "/api/v2" + std::string(route.path), id + "V2"));
        }
    }
    return all;
}

std::set<std::string> described() {
    std::set<std::string> all;
    for (auto const& path : test::openapi().at("paths").as_object()) {
        for (auto const& method : path.value().as_object()) {
            auto const& id = method.value().at("operationId").as_string();
            all.insert(describe(method.key(), path.key(), id));
        }
    }
    return all;
}

TEST(OpenApi, DescribesEveryRouteAndNoOther) { EXPECT_EQ(described(), served()); }

TEST(OpenApi, IsOfTheVersionOfThisProgram) {
    EXPECT_EQ(test::openapi().at("info").at("version").as_string(), LATCHKEY_VERSION);
}

TEST(OpenApi, IsBuiltInAsItLiesInTheSourceTree) {
    EXPECT_EQ(boost::json::parse(openapi_document()), test::openapi());
    EXPECT_THAT(openapi_document(), HasSubstr("\n  \"paths\": {\n"));  // layout and all
}

boost::json::object const& schema(std::string_view name) {
    return test::openapi().at("components").at("schemas").at(name).as_object();
}

using SettingAccess = wire::SettingAccess;

/// The style decides how a date is written, so dates stand apart.
std::set<std::string> settings_where(auto const& holds) {
    std::set<std::string> names;
    for (auto const& setting : wire::app_settings()) {
        if (setting.kind != wire::SettingKind::Date && holds(setting)) {
            names.emplace(setting.name);
        }
    }
    return names;
}

std::set<std::string> keys_of(boost::json::value const& object) {
    std::set<std::string> keys;
    for (auto const& member : object.as_object()) {
        keys.emplace(member.key());
    }
    return keys;
}

std::set<std::string> texts_of(boost::json::value const& list) {
    std::set<std::string> texts;
    for (auto const& text : list.as_array()) {
        texts.emplace(text.as_string());
    }
    return texts;
}

TEST(OpenApi, ShowsEverySettingOfAnAppAndNoOther) {
    auto const& app = schema("AppSettings");
    EXPECT_EQ(keys_of(app.at("properties")), settings_where([](wire::Setting const& setting) {
                  return setting.access != SettingAccess::WriteOnly;
              }));
    EXPECT_EQ(texts_of(app.at("required")), settings_where([](wire::Setting const& setting) {
                  return setting.access == SettingAccess::ReadOnly ||
                         setting.access == SettingAccess::Always;
              }));
    EXPECT_EQ(texts_of(schema("ReducedApp").at("required")),
              settings_where([](wire::Setting const& setting) { return setting.for_clients; }));
}

TEST(OpenApi, TakesEverySettingOfAnAppThatCanBeSetAndNoOther) {
    auto settable = settings_where(
        [](wire::Setting const& setting) { return setting.access != SettingAccess::ReadOnly; });
    settable.emplace("revoke_tokens_issued_before");
    EXPECT_EQ(keys_of(schema("UpdateAppRequest").at("properties")), settable);
}

http::Response get(TestNode& node, std::string_view known_tag) {
    return node.call({.method = http::Method::Get,
                      .target = "/openapi.json",
                      .auth_type = {},
                      .fields = {{"If-None-Match", known_tag}}});
}

TEST(OpenApiEndpoint, ServesTheDocumentToAnyoneWithoutCounting) {
    TestNode node;
    auto const first = get(node, "");
    EXPECT_EQ(first.status, 200);
    EXPECT_EQ(first.body, openapi_document());
    EXPECT_THAT(first.fields, HasSubstr("Access-Control-Allow-Origin: *\r\n"));
    EXPECT_THAT(first.fields, HasSubstr("ETag: " + std::string(openapi_etag()) + "\r\n"));
    EXPECT_EQ(get(node, "").fields, first.fields);
}

TEST(OpenApiEndpoint, SendsItToWhoeverDoesNotHaveThisOne) {
    TestNode node;
    auto const tag = std::string(openapi_etag());
    for (auto const& known : {tag, "W/" + tag, "\"older\", " + tag, std::string("*")}) {
        auto const answer = get(node, known);
        EXPECT_EQ(answer.status, 304) << known;
        EXPECT_EQ(answer.body, "") << known;
        EXPECT_THAT(answer.fields, HasSubstr("ETag: " + tag)) << known;  // RFC 9110 section 15.4.5
    }
    for (auto const& known : {std::string(), std::string("\"older\""), tag.substr(1, 8)}) {
        EXPECT_EQ(get(node, known).status, 200) << known;
    }
}

/// The checker itself: what SDKs cannot decode, it has to notice.
boost::json::object full_user(wire::Style style) {
    TestNode node;
    auto const prefix = std::string(style == wire::Style::V2 ? "/api/v2" : "");
    auto const answer =
        node.call({.method = http::Method::Post,
                   .target = prefix + "/users?api_key=key",
                   .token = test::server_token(),
                   .body = R"({"users":{"john":{"id":"john","name":"J","image":"i"}}})"});
    return TestNode::body_of(answer).at("users").at("john").as_object();
}

class CheckedUser : public testing::TestWithParam<wire::Style> {
protected:
    [[nodiscard]] static std::string name() {
        return GetParam() == wire::Style::V2 ? "FullUserV2" : "FullUserLegacy";
    }
    boost::json::object user_ = full_user(GetParam());
};
INSTANTIATE_TEST_SUITE_P(Styles, CheckedUser, testing::Values(wire::Style::Legacy, wire::Style::V2),
                         [](auto const& tested) {
                             return tested.param == wire::Style::V2 ? "V2" : "Legacy";
                         });

TEST_P(CheckedUser, FitsAsItIsAndMissesEachFieldButNameAndImage) {
    EXPECT_EQ(test::faults_of(user_, name()), test::Faults());
    for (auto const& member : user_) {
        auto const key = std::string(member.key());
        auto without = user_;
        without.erase(key);
        if (key == "name" || key == "image") {
            EXPECT_EQ(test::faults_of(without, name()), test::Faults()) << key;
        } else {
            EXPECT_EQ(test::faults_of(without, name()), test::Faults{'/' + key + " is missing"});
        }
    }
}

TEST_P(CheckedUser, HasDatesOfItsStyleOnly) {
    for (auto const& [date, fits] :
         {std::pair<boost::json::value, wire::Style>(1795289763812000000, wire::Style::V2),
          {"2026-11-21T19:36:03.812Z", wire::Style::Legacy}}) {
        user_["created_at"] = date;
        EXPECT_EQ(test::faults_of(user_, name()).empty(), fits == GetParam()) << date;
    }
    for (auto const& date : boost::json::array{1.795289763812e18, "2026-11-21T19:36:03+01:00",
                                               "2026-11-21 19:36:03Z", nullptr}) {
        user_["created_at"] = date;
        EXPECT_NE(test::faults_of(user_, name()), test::Faults()) << date;
    }
}

TEST(SchemaCheck, KnowsEveryKeywordAndPassesOverNone) {
    for (auto const& entry : test::openapi().at("components").at("schemas").as_object()) {
        EXPECT_NO_THROW((void)test::faults_of(boost::json::object(), entry.key())) << entry.key();
    }
    EXPECT_THROW((void)test::faults_of({}, boost::json::object{{"minItms", 1}}), std::logic_error);
}

TEST(SchemaCheck, TellsWhatIsWrongWhere) {
    auto const schema = boost::json::parse(R"({"type":"object","required":["n"],"properties":{
        "n":{"type":"integer","minimum":1,"maximum":2},
        "l":{"type":"array","minItems":1,"maxItems":2,"items":{"enum":["x"]}},
        "t":{"type":"string","minLength":1,"maxLength":2,"pattern":"^a"},
        "o":{"oneOf":[{"const":"one"},{"type":"boolean"}]}},
        "additionalProperties":false})")
                            .as_object();
    struct Row {
        std::string_view json;
        std::string_view fault;  ///< empty: it fits
    };
    for (auto const& [json, fault] : std::initializer_list<Row>{
             {R"({"n":1})", ""},
             {R"({"n":2,"l":["x","x"],"t":"ab","o":"one"})", ""},
             {R"({"n":1,"l":["x"],"t":"a","o":true})", ""},
             {R"({})", "/n is missing"},
             {R"([])", R"(it is not of type "object")"},
             {R"({"n":0})", "/n is less than 1"},
             {R"({"n":3})", "/n is more than 2"},
             {R"({"n":1.0})", R"(/n is not of type "integer")"},
             {R"({"n":1,"b":2})", "/b is not described"},
             {R"({"n":1,"l":[]})", "/l is less than 1"},
             {R"({"n":1,"l":["x","x","x"]})", "/l is more than 2"},
             {R"({"n":1,"l":["x","y"]})", R"(/l/1 is none of ["x"])"},
             {R"({"n":1,"t":""})", "/t is less than 1"},
             {R"({"n":1,"t":"abc"})", "/t is more than 2"},
             {R"({"n":1,"t":"b"})", R"(/t does not match "^a")"},
             {R"({"n":1,"o":"two"})", R"(/o is not "one")"},
         }) {
        auto const faults = test::faults_of(boost::json::parse(json), schema);
        if (fault.empty()) {
            EXPECT_EQ(faults, test::Faults()) << json;
        } else {
            EXPECT_THAT(faults, Contains(fault)) << json;
        }
    }
}

TEST(SchemaCheck, RefusesAnswersAndFramesThatNobodyDescribed) {
    auto const done = boost::json::parse(R"({"duration":"0.01ms"})");
    EXPECT_EQ(test::answer_faults("UpdateApp", 200, done), test::Faults());
    EXPECT_NE(test::answer_faults("UpdateApp", 201, done), test::Faults());
    EXPECT_NE(test::answer_faults("UpdateApp", 401, done), test::Faults());
    EXPECT_NE(test::answer_faults("NoSuchOperation", 200, done), test::Faults());
    EXPECT_NE(test::answer_faults("", 200, done), test::Faults());
    auto const sign_of_life = boost::json::parse(
        R"({"type":"health.check","connection_id":"c","cid":"*","created_at":"2026-01-01T00:00:00Z"})");
    EXPECT_EQ(test::frame_faults("Connect", test::Frame::Later, sign_of_life), test::Faults());
    EXPECT_NE(test::frame_faults("Connect", test::Frame::First, sign_of_life), test::Faults());
    EXPECT_NE(test::frame_faults("ConnectV2", test::Frame::Later, sign_of_life), test::Faults());
    EXPECT_NE(test::frame_faults("GetApp", test::Frame::Later, sign_of_life), test::Faults());
}

}  // namespace
}  // namespace latchkey::api
