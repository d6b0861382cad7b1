#include "api/admin_routes.hpp"
#include "api/openapi.hpp"
#include "domain/account.hpp"
#include "support/admin_node.hpp"
#include "support/schema_check.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <ranges>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace latchkey::test {
namespace {

using boost::json::object;
using http::Method;
using testing::HasSubstr;
using Words = std::set<std::string>;

/// By `get /apps ListApps`.
std::map<std::string, object const*> described() {
    std::map<std::string, object const*> all;
    for (auto const& path : admin_openapi().at("paths").as_object()) {
        for (auto const& method : path.value().as_object()) {
            auto const& operation = method.value().as_object();
            all.emplace(std::string(method.key()) + ' ' + std::string(path.key()) + ' ' +
                            std::string(operation.at("operationId").as_string()),
                        &operation);
        }
    }
    return all;
}

std::string name_of(api::AdminRoute const& route) {
    return std::string(method_key(route.method)) + ' ' + std::string(route.path) + ' ' +
           std::string(route.operation);
}

/// What each route comes to, by its name.
std::map<std::string, Words> of_routes(std::function<Words(api::AdminRoute const&)> const& words) {
    std::map<std::string, Words> all;
    for (auto const& route : api::admin_routes()) {
        all.emplace(name_of(route), words(route));
    }
    return all;
}

/// What each description comes to, by the same names.
std::map<std::string, Words> of_descriptions(std::function<Words(object const&)> const& words) {
    std::map<std::string, Words> all;
    for (auto const& [name, operation] : described()) {
        all.emplace(name, words(*operation));
    }
    return all;
}

TEST(AdminOpenApi, DescribesEveryRouteAndTheRoleThatItWantsAndNoOther) {
    EXPECT_EQ(of_descriptions([](object const& operation) {
                  Words ways;
                  for (auto const& way : operation.at("security").as_array()) {
                      ways.insert(boost::json::serialize(way));
                  }
                  return ways;
              }),
              of_routes([](api::AdminRoute const& route) -> Words {
                  if (!route.needs) {
                      return {"{}"};
                  }
                  auto const role = "[\"" + std::string(domain::role_name(*route.needs)) + "\"]}";
                  return {"{\"Credential\":" + role, "{\"Session\":" + role};
              }));
}

TEST(AdminOpenApi, DescribesWhatStandsInAPath) {
    auto const& parameters = admin_openapi().at("components").at("parameters").as_object();
    EXPECT_EQ(
        of_descriptions([&](object const& operation) {
            Words names;
            auto const* list = operation.if_contains("parameters");
            for (auto const& entry : list == nullptr ? boost::json::array() : list->as_array()) {
                std::string_view const reference = entry.at("$ref").as_string();
                auto const& parameter = parameters.at(reference.substr(reference.rfind('/') + 1));
                if (parameter.at("in") == "path") {
                    names.emplace(parameter.at("name").as_string());
                }
            }
            return names;
        }),
        of_routes([](api::AdminRoute const& route) {
            Words names;
            for (auto rest = route.path; rest.contains('{');) {
                rest.remove_prefix(rest.find('{') + 1);
                names.emplace(rest.substr(0, rest.find('}')));
            }
            return names;
        }));
}

/// Adds the members of a body with that schema; `…` where it has others.
void add_members(object const& schema, Words& names) {
    if (auto const* reference = schema.if_contains("$ref")) {
        std::string_view const text = reference->as_string();
        auto const& schemas = admin_openapi().at("components").at("schemas");
        add_members(schemas.at(text.substr(text.rfind('/') + 1)).as_object(), names);
    }
    if (auto const* parts = schema.if_contains("allOf")) {
        for (auto const& part : parts->as_array()) {
            add_members(part.as_object(), names);
        }
    }
    if (auto const* properties = schema.if_contains("properties")) {
        for (auto const& property : properties->as_object()) {
            names.emplace(property.key());
        }
    }
    if (schema.contains("additionalProperties")) {
        names.emplace("…");
    }
}

TEST(AdminOpenApi, DescribesTheMembersThatEachCallTakesAndNoOther) {
    EXPECT_EQ(of_descriptions([](object const& operation) {
                  Words names;
                  if (auto const* body = operation.if_contains("requestBody")) {
                      auto const& type = body->at("content").at("application/json");
                      add_members(type.at("schema").as_object(), names);
                  }
                  return names;
              }),
              of_routes([](api::AdminRoute const& route) {
                  Words names;
                  for (auto const& name : std::views::split(route.members, ' ')) {
                      names.emplace(name.begin(), name.end());
                  }
                  if (route.others == api::OtherMembers::AppSettings) {
                      names.emplace("…");
                  }
                  return names;
              }));
}

/// Nobody gets at a route without the refusals that stand before it. Others are found by the tests
/// that see them: none but a lost store is described by a range.
TEST(AdminOpenApi, DescribesTheRefusalsThatARouteOwesToItsPlace) {
    auto const owed = of_routes([](api::AdminRoute const& route) {
        Words refusals = {"401", "403", "5XX"};
        if (route.method != Method::Get) {
            refusals.insert({"400", "415"});
        }
        if (route.path.contains('{')) {
            refusals.insert("404");
        }
        return refusals;
    });
    for (auto const& [name, operation] : described()) {
        auto const& responses = operation->at("responses").as_object();
        for (auto const& status : owed.at(name)) {
            EXPECT_TRUE(responses.contains(status)) << name << ": " << status;
        }
        EXPECT_FALSE(responses.contains("4XX") || responses.contains("default")) << name;
    }
}

TEST(AdminOpenApi, IsOfTheVersionOfThisProgram) {
    EXPECT_EQ(admin_openapi().at("info").at("version").as_string(), LATCHKEY_VERSION);
}

TEST(AdminOpenApi, IsBuiltInAsItLiesInTheSourceTree) {
    EXPECT_EQ(boost::json::parse(api::admin_openapi_document()), admin_openapi());
    EXPECT_THAT(api::admin_openapi_document(), HasSubstr("\n  \"paths\": {\n"));  // layout and all
}

TEST(AdminOpenApi, LeavesSettingsOfAnAppToTheDocumentOfThePublicApi) {
    AdminNode admin;
    auto const shown = TestNode::body_of(admin.command(Method::Get, "/apps/key"));
    EXPECT_EQ(faults_of(shown.at("app").at("settings"), "AppLegacy"), Faults());
}

TEST(AdminOpenApiEndpoint, SendsItToWhoeverDoesNotHaveThisOne) {
    AdminNode admin;
    auto const get = [&](std::string const& known) {
        return admin.call({.path = "/openapi.json", .fields = {{"If-None-Match", known}}});
    };
    auto const tag = std::string(api::admin_openapi_etag());
    EXPECT_NE(tag, api::openapi_etag());
    for (auto const& known : {std::string(), std::string("\"older\""), tag.substr(1, 8)}) {
        auto const answer = get(known);
        EXPECT_EQ(answer.status, 200) << known;
        EXPECT_EQ(answer.body, api::admin_openapi_document()) << known;
        EXPECT_THAT(answer.fields, HasSubstr("ETag: " + tag + "\r\n")) << known;
    }
    for (auto const& known : {tag, "W/" + tag, "\"older\", " + tag, std::string("*")}) {
        auto const answer = get(known);
        EXPECT_EQ(answer.status, 304) << known;
        EXPECT_EQ(answer.body, "") << known;
        EXPECT_THAT(answer.fields, HasSubstr("ETag: " + tag)) << known;  // RFC 9110 section 15.4.5
    }
}

TEST(AdminSchemaCheck, KnowsEveryKeywordAndPassesOverNone) {
    for (auto const& entry : admin_openapi().at("components").at("schemas").as_object()) {
        EXPECT_NO_THROW((void)admin_schema_faults(object(), entry.key())) << entry.key();
    }
}

TEST(AdminSchemaCheck, RefusesAnswersAndFramesThatNobodyDescribed) {
    constexpr std::string_view kDone = R"({"duration":"0.01ms"})";
    EXPECT_EQ(admin_answer_faults("SignOut", 200, kDone), Faults());
    EXPECT_NE(admin_answer_faults("SignOut", 201, kDone), Faults());
    EXPECT_NE(admin_answer_faults("SignOut", 404, kDone), Faults());
    EXPECT_NE(admin_answer_faults("SignOut", 200, "done"), Faults());
    EXPECT_NE(admin_answer_faults("SignOut", 200, ""), Faults());
    EXPECT_EQ(admin_answer_faults("AdminOpenApi", 304, ""), Faults());
    EXPECT_NE(admin_answer_faults("AdminOpenApi", 304, kDone), Faults());
    EXPECT_NE(admin_answer_faults("ListApps", 200, kDone), Faults());
    EXPECT_NE(admin_answer_faults("NoSuchOperation", 200, kDone), Faults());
    auto const change = boost::json::parse(R"({"type":"changed","app":null})");
    EXPECT_EQ(admin_frame_faults("WatchLive", Frame::Later, change), Faults());
    EXPECT_NE(admin_frame_faults("WatchLive", Frame::First, change), Faults());
    EXPECT_NE(admin_frame_faults("ListApps", Frame::Later, change), Faults());
}

TEST(AdminSchemaCheck, RefusesRequestsThatNobodyDescribed) {
    EXPECT_EQ(admin_request_faults("ListUsers", "limit=5&state=all", ""), Faults());
    EXPECT_NE(admin_request_faults("ListUsers", "limit=5&order=name", ""), Faults());
    EXPECT_NE(admin_request_faults("ListApps", "limit=5", ""), Faults());
    EXPECT_EQ(admin_request_faults("UnrevokeApp", "", R"({"dry_run":true,"before":null})"),
              Faults());
    EXPECT_EQ(admin_request_faults("VerifyAudit", "", "{}"), Faults());
    EXPECT_NE(admin_request_faults("VerifyAudit", "", R"({"until":"2026-01-01"})"), Faults());
    EXPECT_NE(admin_request_faults("RevokeApp", "", R"({"dry_run":"yes"})"), Faults());
    EXPECT_NE(admin_request_faults("RevokeApp", "", R"({"until":"2026-01-01"})"), Faults());
    EXPECT_EQ(admin_request_faults("ExplainToken", "", R"({"token":"a.b.c","now":0})"), Faults());
    EXPECT_NE(admin_request_faults("ExplainToken", "", R"({"token":"a.b.c","then":0})"), Faults());
    EXPECT_NE(admin_request_faults("NoSuchOperation", "", ""), Faults());
}

}  // namespace
}  // namespace latchkey::test
