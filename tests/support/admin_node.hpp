#pragma once

#include "api/admin_service.hpp"
#include "api/operator_access.hpp"
#include "api/setup_code.hpp"
#include "support/test_node.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace latchkey::test {

/// What a browser, or a command, sends to the admin listener.
struct AdminRequest {
    http::Method method = http::Method::Get;
    std::string path;  ///< below `/admin/v1`
    std::string body{};
    std::string cookie{};      ///< empty: none
    std::string credential{};  ///< empty: none
    std::vector<http::Field> fields{};
    std::string content_type = "application/json";
    std::string peer = "10.0.0.1";
};

/// A node and its admin listener, nobody signed in.
class AdminNode {
public:
    static constexpr std::string_view kCredential = "the credential";
    static constexpr std::string_view kPassword = "correct horse battery";

    http::Response call(AdminRequest const& request) {
        auto fields = request.fields;
        if (!request.content_type.empty()) {
            fields.push_back({"Content-Type", request.content_type});
        }
        if (!request.cookie.empty()) {
            fields.push_back({"Cookie", request.cookie});
        }
        fields.push_back({"Host", "latchkey.test:8081"});
        TestExchange exchange(
            {.method = request.method,
             .target = "/admin/v1" + request.path,
             .token = request.credential.empty() ? "" : "Bearer " + request.credential,
             .auth_type = "",
             .body = request.body,
             .fields = fields,
             .peer_address = request.peer});
        service.handle(exchange);
        node.settle();
        return exchange.answer_given();
    }

    /// By the command line.
    http::Response command(http::Method method, std::string path, std::string body = {}) {
        return call({.method = method,
                     .path = std::move(path),
                     .body = std::move(body),
                     .credential = std::string(kCredential)});
    }

    /// Makes an account, after an owner's where there is none yet; returns its id.
    std::int64_t make_account(std::string const& name, std::string const& role) {
        if (role != "owner" && !std::exchange(has_owner_, true)) {
            make_account("founder", "owner");
        }
        has_owner_ = true;
        auto const made = command(http::Method::Post, "/accounts",
                                  R"({"name":")" + name + R"(","role":")" + role +
                                      R"(","password":")" + std::string(kPassword) + "\"}");
        EXPECT_EQ(made.status, 201) << made.body;
        return TestNode::body_of(made).at("account").at("id").as_int64();
    }

    http::Response try_to_sign_in(std::string const& name, std::string const& password,
                                  std::string peer = "10.0.0.1") {
        return call({.method = http::Method::Post,
                     .path = "/session",
                     .body = R"({"name":")" + name + R"(","password":")" + password + "\"}",
                     .peer = std::move(peer)});
    }

    /// Returns the cookie, as a browser sends it back.
    std::string sign_in(std::string const& name) {
        auto const answer = try_to_sign_in(name, std::string(kPassword));
        EXPECT_EQ(answer.status, 201) << answer.body;
        return cookie_of(answer);
    }

    static std::string cookie_of(http::Response const& answer) {
        constexpr std::string_view kStart = "Set-Cookie: ";
        auto const start = answer.fields.find(kStart);
        if (start == std::string::npos) {
            return {};
        }
        auto const begin = start + kStart.size();
        return answer.fields.substr(begin, answer.fields.find(';', begin) - begin);
    }

    /// What the audit log says of one action, newest first.
    std::vector<domain::AuditEntry> audited(std::string action) {
        std::vector<domain::AuditEntry> entries;
        node.commit([&](domain::Transaction& transaction) {
            entries = transaction.audit().query({.action = std::move(action), .limit = 1'000});
            return domain::Outcome::Rollback;
        });
        return entries;
    }

    TestNode node;
    api::SetupCode code{node.random};
    api::AdminService service{node.node,
                              node.loop,
                              0,
                              Secret(std::string(kCredential)),
                              {},
                              &code,
                              // NOLINTNEXTLINE(bugprone-unchecked-optional-access): it is a name
                              *api::AdminHosts::parse("latchkey.test")};

private:
    bool has_owner_ = false;
};

}  // namespace latchkey::test
