#include "api/routes.hpp"
#include "api/token_provider/token_providers.hpp"
#include "support/scripted_http.hpp"
#include "support/test_node.hpp"

#include <latchkey/token/issue.hpp>

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Every route x every kind of caller, sent as real requests in both styles. A route without a row
/// fails, and so does a row without a route.
namespace latchkey::test {
namespace {

using api::Styles;
using http::Method;

enum class Who { Server, User, Guest, Anonymous, Moderator, Admin, Custom, Developer, Nobody };

struct Kind {
    Who who;
    std::string_view name;
    std::string_view id;  ///< the user's, in `PermissionsNode`
};
/// In the order of the columns below.
constexpr std::array<Kind, 9> kKinds = {{
    {.who = Who::Server, .name = "server", .id = "john"},
    {.who = Who::User, .name = "user", .id = "john"},
    {.who = Who::Guest, .name = "guest", .id = "visitor"},
    {.who = Who::Anonymous, .name = "anonymous", .id = "!anon"},
    {.who = Who::Moderator, .name = "moderator", .id = "mod"},
    {.who = Who::Admin, .name = "admin", .id = "boss"},
    {.who = Who::Custom, .name = "custom role", .id = "helper"},
    {.who = Who::Developer, .name = "developer token", .id = "john"},
    {.who = Who::Nobody, .name = "no credentials", .id = "john"},
}};

constexpr char kYes = 'y';      // 2xx, or a connection that is greeted
constexpr char kNo = 'n';       // 403/17
constexpr char kUnknown = '?';  // 401

struct Row {
    Method method;
    std::string_view path;  ///< as in the table of routes
    Styles styles;
    std::string_view outcomes;  ///< a character for each of `kKinds`
    std::string_view body{};    ///< OWN stands for the caller's id
    std::string_view query{};
    std::string_view id{};  ///< for the `{id}` of the path
};

constexpr auto kBoth = Styles::Both;
constexpr auto kLegacy = Styles::LegacyOnly;
constexpr auto kV2 = Styles::V2Only;

constexpr std::string_view kAll = "yyyyyyyyy";
constexpr std::string_view kEverybody = "yyyyyyyy?";
/// No credentials of the App count: a token provider wants a proof of its own.
constexpr std::string_view kProofs = "?????????";
constexpr std::string_view kClients = "?yyyyyyy?";  // a server has no connections
constexpr std::string_view kServers = "ynnnnnnn?";
constexpr std::string_view kSearch = "yyynyyyy?";
constexpr std::string_view kOwnFields = "yyynyyyy?";
constexpr std::string_view kOthersFields = "ynnnnynn?";

constexpr std::string_view kUserIds = R"({"user_ids":["other"]})";
constexpr std::string_view kSync =
    R"({"channel_cids":["a:b"],"last_sync_at":"2026-01-01T00:00:00Z"})";
constexpr std::string_view kConnectQuery =
    "&user_id=OWN&json=%7B%22user_id%22:%22OWN%22,%22user_details%22:%7B%22id%22:%22OWN%22%7D%7D";

constexpr Row kTable[] = {
    {Method::Get, "/authz/check", kLegacy, kEverybody},
    {Method::Get, "/app", kBoth, kEverybody},
    {Method::Patch, "/app", kBoth, kServers, R"({"grants":{"user":["update-user"]}})"},
    {Method::Get, "/users", kBoth, kSearch, {}, "&payload=%7B%22filter_conditions%22:%7B%7D%7D"},
    {Method::Post, "/users", kBoth, kOwnFields, R"({"users":{"OWN":{"id":"OWN","name":"x"}}})"},
    {Method::Post, "/users", kBoth, kOthersFields,
     R"({"users":{"other":{"id":"other","name":"x"}}})"},
    {Method::Post, "/users", kBoth, kServers, R"({"users":{"OWN":{"id":"OWN","role":"admin"}}})"},
    {Method::Post, "/users", kBoth, kServers,
     R"({"users":{"other":{"id":"other","teams":["a"]}}})"},
    {Method::Patch, "/users", kBoth, kOwnFields, R"({"users":[{"id":"OWN","set":{"name":"x"}}]})"},
    {Method::Patch, "/users", kBoth, kOthersFields,
     R"({"users":[{"id":"other","set":{"name":"x"}}]})"},
    {Method::Patch, "/users", kBoth, kServers,
     R"({"users":[{"id":"OWN","set":{"role":"admin"}}]})"},
    {Method::Patch, "/users", kBoth, kServers, R"({"users":[{"id":"other","unset":["role"]}]})"},
    {Method::Patch, "/users", kBoth, kServers, R"({"users":[{"id":"OWN","set":{"teams":["a"]}}]})"},
    {Method::Patch, "/users", kBoth, kServers,
     R"({"users":[{"id":"OWN","set":{"revoke_tokens_issued_before":null}}]})"},
    {Method::Post, "/guest", kBoth, kEverybody, R"({"user":{"id":"new"}})"},
    {Method::Get, "/connect", kBoth, kClients, {}, kConnectQuery},
    {Method::Get, "/longpoll", kBoth, kClients, {}, kConnectQuery},
    {Method::Post, "/sync", kLegacy, kEverybody, kSync},
    {Method::Post, "/chat/sync", kV2, kEverybody, kSync},
    {Method::Post, "/users/deactivate", kBoth, kServers, kUserIds},
    {Method::Post, "/users/reactivate", kBoth, kServers, kUserIds},
    {Method::Post, "/users/delete", kBoth, kServers, kUserIds},
    {Method::Post, "/users/restore", kBoth, kServers, kUserIds},
    {Method::Post, "/users/{id}/deactivate", kBoth, kServers, "{}", {}, "other"},
    {Method::Post, "/users/{id}/reactivate", kBoth, kServers, "{}", {}, "other"},
    {Method::Get, "/users/{id}/export", kBoth, kServers, {}, {}, "other"},
    {Method::Delete, "/users/{id}", kLegacy, kServers, {}, {}, "other"},
    {Method::Get, "/tasks/{id}", kBoth, kServers, {}, {}, "TASK"},
    {Method::Get, "/rate_limits", kBoth, kServers},
    {Method::Get, "/roles", kBoth, kServers},
    {Method::Post, "/roles", kBoth, kServers, R"({"name":"another"})"},
    {Method::Delete, "/roles/{id}", kBoth, kServers, {}, {}, "support"},
    {Method::Get, "/token/{provider}", kLegacy, kProofs, {}, {}, "idp"},
    {Method::Post, "/token/{provider}", kLegacy, kProofs, "{}", {}, "idp"},
    {Method::Get, "/hi", kLegacy, kAll},
    {Method::Get, "/health/live", kLegacy, kAll},
    {Method::Get, "/health/ready", kLegacy, kAll},
    {Method::Get, "/openapi.json", kLegacy, kAll},
};

std::string replace_all(std::string_view text, std::string_view word, std::string_view by) {
    std::string result(text);
    for (auto at = result.find(word); at != std::string::npos;
         at = result.find(word, at + by.size())) {
        result.replace(at, word.size(), by);
    }
    return result;
}

/// A node with a user for each kind of caller.
class PermissionsNode {
public:
    /// `settings`: of the App, as a PATCH has them.
    explicit PermissionsNode(std::string_view settings = {}) {
        node.node.token_providers = &providers_;
        server(Method::Post, "/roles", R"({"name":"support"})");
        server(Method::Post, "/users",
               R"({"users":{"john":{"id":"john"},"visitor":{"id":"visitor","role":"guest"},
                   "mod":{"id":"mod","role":"moderator"},"boss":{"id":"boss","role":"admin"},
                   "helper":{"id":"helper","role":"support"},"other":{"id":"other"}}})");
        auto const made = server(Method::Post, "/users/reactivate", R"({"user_ids":["other"]})");
        task_ = std::string(TestNode::body_of(made).at("task_id").as_string());
        if (!settings.empty()) {
            server(Method::Patch, "/app", settings);
        }
    }

    http::Response server(Method method, std::string const& path, std::string_view body) {
        auto const response = node.call({.method = method,
                                         .target = path + "?api_key=key",
                                         .token = server_token(),
                                         .body = std::string(body)});
        EXPECT_LT(response.status, 300) << path << ' ' << response.body;
        return response;
    }

    /// What comes of a row's request: one of the characters above, or the answer.
    std::string ask(Row const& row, Kind const& kind, wire::Style style) {
        if (row.path == "/connect") {
            return connect(row, kind, style);
        }
        return read(node.call(request(row, kind, style)));
    }

    TestRequest request(Row const& row, Kind const& kind, wire::Style style) {
        if (kind.who == Who::Developer) {
            server(Method::Patch, "/app", R"({"disable_auth_checks":true})");
        }
        auto const fill = [&](std::string_view text) {
            return replace_all(replace_all(text, "OWN", kind.id), "TASK", task_);
        };
        std::string target(style == wire::Style::V2 ? "/api/v2" : "");
        target += replace_all(replace_all(row.path, "{id}", fill(row.id)), "{provider}", row.id);
        target += kind.who == Who::Nobody ? "?" : "?api_key=key";
        return {.method = row.method,
                .target = target + fill(row.query),
                .token = token_of(kind),
                .auth_type = auth_type_of(kind.who),
                .body = fill(row.body)};
    }

    TestNode node{domain::Mode::Development};

private:
    static std::string token_of(Kind const& kind) {
        switch (kind.who) {
            case Who::Server: return server_token();
            case Who::Developer: return token::make_developer_token(*UserId::parse(kind.id));
            case Who::Anonymous:
            case Who::Nobody: return {};
            case Who::User:
            case Who::Guest:
            case Who::Moderator:
            case Who::Admin:
            case Who::Custom: return user_token(kind.id);
        }
        std::unreachable();
    }

    static std::string auth_type_of(Who who) {
        if (who == Who::Nobody) {
            return {};
        }
        return who == Who::Anonymous ? "anonymous" : "jwt";
    }

    static std::string read(http::Response const& response) {
        if (response.status >= 200 && response.status < 300) {
            return {kYes};
        }
        if (response.status == 403 && TestNode::code_of(response) == 17) {
            return {kNo};
        }
        return response.status == 401 ? std::string{kUnknown}
                                      : std::to_string(response.status) + ' ' + response.body;
    }

    /// A connection says in its first frame what became of it.
    std::string connect(Row const& row, Kind const& kind, wire::Style style) {
        auto asked = request(row, kind, style);
        auto const token = asked.token;
        if (style == wire::Style::V2) {
            asked.target = "/api/v2/connect?api_key=key";
            asked.token.clear();
        }
        auto const connection = node.open(asked);
        if (style == wire::Style::V2) {
            connection->say(R"({"token":")" + token + R"(","user_details":{"id":")" +
                            std::string(kind.id) + "\"}}");
            node.settle();
        }
        auto const frame = connection->socket.last();
        if (frame.contains("connection_id")) {
            return {kYes};
        }
        auto const& error = frame.at("error").as_object();
        return error.at("StatusCode") == 401 ? std::string{kUnknown}
                                             : boost::json::serialize(error);
    }

    static std::vector<api::TokenProviderSettings> provider_settings() {
        std::vector<api::TokenProviderSettings> all;
        all.push_back({.name = "idp",
                       .app = *ApiKey::parse("key"),
                       .source = api::OidcSource{.expected = {.issuer = "https://id.example.com",
                                                              .audiences = {"app"}}}});
        return all;
    }

    ScriptedHttp http_;  // asked nothing: what callers show is no token of a provider
    api::TokenProviders providers_{provider_settings(), http_, node.clock, node.random, node.log};
    std::string task_;
};

template <class Use>
void for_each_style(Row const& row, Use use) {
    if (row.styles != kV2) {
        use(wire::Style::Legacy);
    }
    if (row.styles != kLegacy) {
        use(wire::Style::V2);
    }
}

std::string describe(Row const& row, wire::Style style, Kind const& kind) {
    return std::string(kind.name) + ": " + std::to_string(std::to_underlying(row.method)) + ' ' +
           (style == wire::Style::V2 ? "/api/v2" : "") + std::string(row.path) + ' ' +
           std::string(row.body);
}

using RouteKey = std::pair<Method, std::pair<std::string_view, wire::Style>>;

TEST(Permissions, HaveARowForEveryRouteAndNoOther) {
    std::set<RouteKey> routes;
    for (auto const& route : api::routes()) {
        if (route.styles != kV2) {
            routes.insert({route.method, {route.path, wire::Style::Legacy}});
        }
        if (route.styles != kLegacy) {
            routes.insert({route.method, {route.path, wire::Style::V2}});
        }
    }
    std::set<RouteKey> rows;
    for (auto const& row : kTable) {
        ASSERT_EQ(row.outcomes.size(), kKinds.size()) << row.path;
        for_each_style(row,
                       [&](wire::Style style) { rows.insert({row.method, {row.path, style}}); });
    }
    for (auto const& [method, path] : routes) {
        EXPECT_TRUE(rows.contains({method, path})) << path.first << " has no row";
    }
    for (auto const& [method, path] : rows) {
        EXPECT_TRUE(routes.contains({method, path})) << path.first << " is no route";
    }
}

/// Also where no code asks for it, since those routes find out for themselves who calls.
TEST(Permissions, AreWhatTheTableOfRoutesSays) {
    for (auto const& route : api::routes()) {
        auto const* row = std::ranges::find_if(kTable, [&](Row const& candidate) {
            return candidate.method == route.method && candidate.path == route.path;
        });
        ASSERT_NE(row, std::ranges::end(kTable)) << route.path;
        switch (route.needs) {
            case api::Needs::Nothing:
                EXPECT_TRUE(row->outcomes == kAll || row->outcomes == kProofs) << route.path;
                break;
            case api::Needs::Credentials: EXPECT_EQ(row->outcomes, kEverybody) << route.path; break;
            case api::Needs::Client: EXPECT_EQ(row->outcomes, kClients) << route.path; break;
            case api::Needs::SearchUser: EXPECT_EQ(row->outcomes, kSearch) << route.path; break;
            case api::Needs::UpdateUser: EXPECT_EQ(row->outcomes, kOwnFields) << route.path; break;
            case api::Needs::Server: EXPECT_EQ(row->outcomes, kServers) << route.path; break;
        }
    }
}

TEST(Permissions, AreThoseOfTheTableForEveryKindOfCaller) {
    for (auto const& row : kTable) {
        for_each_style(row, [&](wire::Style style) {
            for (std::size_t i = 0; i < kKinds.size(); ++i) {
                PermissionsNode node;
                EXPECT_EQ(node.ask(row, kKinds[i], style), std::string{row.outcomes[i]})
                    << describe(row, style, kKinds[i]);
            }
        });
    }
}

TEST(Permissions, AreCheckedBeforeABodyIsJudged) {
    for (auto const& row : kTable) {
        if (row.outcomes != kServers || row.path == "/users") {
            continue;  // whose fields, and which, only the body of those says
        }
        for_each_style(row, [&](wire::Style style) {
            PermissionsNode node;
            auto request = node.request(row, kKinds[1], style);
            request.body = "{";
            auto const refused = node.node.call(request);
            EXPECT_EQ(refused.status, 403) << describe(row, style, kKinds[1]);
            EXPECT_EQ(TestNode::code_of(refused), 17);
        });
    }
    PermissionsNode node(R"({"grants":{"user":[]}})");
    for (auto const method : {Method::Post, Method::Patch, Method::Get}) {
        auto const refused = node.node.call({.method = method,
                                             .target = "/users?api_key=key",
                                             .token = user_token("john"),
                                             .body = "{"});
        EXPECT_EQ(refused.status, 403);
    }
}

/// No list of grants, and no switched-off check, gives a client what is for servers.
TEST(Permissions, OfServersCanBeGivenToNobody) {
    constexpr std::string_view kGranted =
        R"({"grants":{"ROLE":["search-user","update-user-owner","update-user","update-user-role",
            "update-app","UpdateApp","deactivate-user","delete-user","create-role","*","all"]}})";
    for (auto const& row : kTable) {
        if (row.outcomes != kServers) {
            continue;
        }
        for_each_style(row, [&](wire::Style style) {
            for (auto const& [who, role] :
                 {std::pair(1, "user"), std::pair(2, "guest"), std::pair(3, "anonymous"),
                  std::pair(5, "admin"), std::pair(6, "support")}) {
                auto const& kind = kKinds[static_cast<std::size_t>(who)];
                PermissionsNode granted(replace_all(kGranted, "ROLE", role));
                EXPECT_EQ(granted.ask(row, kind, style), std::string{kNo})
                    << describe(row, style, kind);
                PermissionsNode unchecked(R"({"disable_permissions_checks":true})");
                EXPECT_EQ(unchecked.ask(row, kind, style), std::string{kNo})
                    << describe(row, style, kind);
            }
        });
    }
}

/// What every client may do cannot be taken by a list that was written for other products.
TEST(Permissions, ToConnectAndToReadTheAppCannotBeTaken) {
    constexpr std::string_view kNone =
        R"({"grants":{"user":[],"guest":["read-channel"],"anonymous":[],"support":["x"]}})";
    for (auto const& row : kTable) {
        if (row.outcomes != kEverybody && row.outcomes != kClients) {
            continue;
        }
        for_each_style(row, [&](wire::Style style) {
            for (auto const i : {1, 2, 3, 6}) {
                auto const& kind = kKinds[static_cast<std::size_t>(i)];
                PermissionsNode node(kNone);
                EXPECT_EQ(node.ask(row, kind, style), std::string{kYes})
                    << describe(row, style, kind);
            }
        });
    }
}

class GrantsTest : public testing::Test {
protected:
    PermissionsNode node;

    void patch(std::string_view settings) { node.server(Method::Patch, "/app", settings); }

    int search(std::string const& token, std::string const& type = "jwt") {
        return node.node
            .call({.target = "/users?api_key=key&payload=%7B%22filter_conditions%22:%7B%7D%7D",
                   .token = token,
                   .auth_type = type})
            .status;
    }
    int write(std::string const& id, std::string const& token, std::string const& type = "jwt") {
        return node.node
            .call({.method = Method::Patch,
                   .target = "/users?api_key=key",
                   .token = token,
                   .auth_type = type,
                   .body = R"({"users":[{"id":")" + id + R"(","set":{"name":"x"}}]})"})
            .status;
    }
    static std::string claiming(std::string const& role) {
        return sign(R"({"user_id":"john","iat":1767225600,"role":")" + role + "\"}");
    }
};

TEST_F(GrantsTest, GiveARoleExactlyWhatTheyListFromTheNextCallOn) {
    auto const john = user_token("john");
    EXPECT_EQ(write("other", john), 403);
    patch(R"({"grants":{"user":["update-user","read-channel"]}})");
    EXPECT_EQ(write("other", john), 200);
    EXPECT_EQ(write("john", john), 403);
    EXPECT_EQ(search(john), 403);
    EXPECT_EQ(search(user_token("mod")), 200);
    patch(R"({"grants":{"user":[]}})");
    EXPECT_EQ(write("other", john), 403);
    patch(R"({"grants":{"user":null}})");
    EXPECT_EQ(write("john", john), 200);
    EXPECT_EQ(search(john), 200);
}

TEST_F(GrantsTest, ChangeOnlyTheRolesThatAPatchNames) {
    patch(R"({"grants":{"user":[],"guest":["read-channel"]}})");
    patch(R"({"grants":{"support":["search-user"]}})");
    auto const app =
        TestNode::body_of(node.node.call({.target = "/app?api_key=key", .token = server_token()}));
    EXPECT_EQ(app.at("app").at("grants"), (boost::json::value{{"user", boost::json::array()},
                                                              {"guest", {"read-channel"}},
                                                              {"support", {"search-user"}}}));
    EXPECT_EQ(search(user_token("john")), 403);
    EXPECT_EQ(search(user_token("helper")), 200);
    EXPECT_EQ(write("helper", user_token("helper")), 403);
}

TEST_F(GrantsTest, LetAnonymousCallersSearchWhereTheySaySoAndNeverWrite) {
    EXPECT_EQ(search("", "anonymous"), 403);
    patch(R"({"grants":{"anonymous":["search-user","update-user","update-user-owner"]}})");
    EXPECT_EQ(search("", "anonymous"), 200);
    EXPECT_EQ(write("other", "", "anonymous"), 403);
    EXPECT_EQ(write("!anon", "", "anonymous"), 403);
}

TEST_F(GrantsTest, GiveNoSearchToRolesThatAreDisallowedToSearch) {
    patch(R"({"grants":{"user":["search-user"]},"user_search_disallowed_roles":["user"]})");
    EXPECT_EQ(search(user_token("john")), 403);
    EXPECT_EQ(search(user_token("mod")), 200);
}

TEST_F(GrantsTest, CountForNothingWhilePermissionChecksAreOff) {
    patch(R"({"grants":{"user":[],"anonymous":[]},"user_search_disallowed_roles":["user"],
              "disable_permissions_checks":true})");
    EXPECT_EQ(search(user_token("john")), 200);
    EXPECT_EQ(write("other", user_token("john")), 200);
    EXPECT_EQ(search("", "anonymous"), 200);
    EXPECT_EQ(write("other", "", "anonymous"), 403);
}

TEST_F(GrantsTest, FollowAUserWhoseRoleChanges) {
    auto const john = user_token("john");
    EXPECT_EQ(write("other", john), 403);
    node.server(Method::Patch, "/users", R"({"users":[{"id":"john","set":{"role":"admin"}}]})");
    EXPECT_EQ(write("other", john), 200);
    node.server(Method::Patch, "/users", R"({"users":[{"id":"john","unset":["role"]}]})");
    EXPECT_EQ(write("other", john), 403);
}

TEST_F(GrantsTest, OfStaffAreNotGainedByAClaim) {
    for (auto const* role : {"admin", "moderator"}) {
        patch(std::string(R"({"grants":{")") + role +
              R"(":["update-user","update-user-owner","search-user"]}})");
        EXPECT_EQ(write("other", claiming(role)), 403) << role;
        EXPECT_EQ(write("john", claiming(role)), 200) << role;
        EXPECT_EQ(search(claiming(role)), 200) << role;
    }
    EXPECT_EQ(write("other", user_token("boss")), 200);
    EXPECT_EQ(write("other", sign(R"({"user_id":"boss","role":"admin"})")), 200);
}

TEST_F(GrantsTest, OfACustomRoleAreGainedByAClaimWhileTheRoleExists) {
    patch(R"({"grants":{"support":["update-user"]}})");
    EXPECT_EQ(write("other", claiming("support")), 200);
    EXPECT_EQ(write("other", claiming("supporter")), 403);
    node.server(Method::Delete, "/roles/support", "");
    EXPECT_EQ(write("other", claiming("support")), 403);
    EXPECT_EQ(write("other", user_token("helper")), 200);  // who holds the name keeps its grants
}

TEST_F(GrantsTest, AreNotGainedByTheClaimOfADeveloperTokenOrAGuest) {
    patch(R"({"grants":{"support":["update-user"]},"disable_auth_checks":true})");
    auto const unsigned_claim =
        sign(R"({"user_id":"john","role":"support"})", "some other secret of a client's own");
    EXPECT_EQ(write("john", unsigned_claim), 200);
    EXPECT_EQ(write("other", unsigned_claim), 403);
    patch(R"({"disable_auth_checks":false})");
    EXPECT_EQ(write("other", claiming("support")), 200);
    EXPECT_EQ(write("other", sign(R"({"user_id":"visitor","role":"support"})")), 403);
}

}  // namespace
}  // namespace latchkey::test
