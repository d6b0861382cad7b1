#pragma once

#include "api/token_provider/token_providers.hpp"
#include "support/scripted_http.hpp"
#include "support/test_node.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace latchkey::test {

/// A node with one token provider, whose counterpart is played by the test.
class ProviderNode {
public:
    explicit ProviderNode(api::TokenProviderSettings settings) {
        std::vector<api::TokenProviderSettings> all;
        all.push_back(std::move(settings));
        providers = std::make_unique<api::TokenProviders>(std::move(all), http, node.clock,
                                                          node.random, node.log);
        node.node.token_providers = providers.get();
    }

    /// Makes a request; it may wait for an answer of `http` then.
    std::unique_ptr<TestExchange> ask(TestRequest const& request) {
        auto exchange = std::make_unique<TestExchange>(request);
        node.service.handle(*exchange);
        node.settle();
        return exchange;
    }
    /// Lets what `http` answered take its way.
    void settle() { node.settle(); }

    [[nodiscard]] api::TokenProvider& provider() const { return *providers->all().front(); }
    [[nodiscard]] std::uint64_t count(api::ProviderOutcome outcome) const {
        return provider().count(outcome);
    }
    [[nodiscard]] std::optional<domain::User> user(std::string_view id) {
        std::optional<domain::User> found;
        node.commit([&](domain::Transaction& transaction) {
            auto const user_id = *UserId::parse(id);
            auto users = transaction.users().find(app_id(transaction), {&user_id, 1});
            if (!users.empty()) {
                found = std::move(users.front());
            }
            return domain::Outcome::Commit;
        });
        return found;
    }
    static AppId app_id(domain::Transaction& transaction) {
        return transaction.apps().find_by_key(*ApiKey::parse("key"))->id;
    }
    void edit_user(std::string_view id, std::function<void(domain::User&)> edit) {
        node.commit([&](domain::Transaction& transaction) {
            auto const app = *transaction.apps().find_by_key(*ApiKey::parse("key"));
            std::vector<domain::UserEdit> edits;
            edits.push_back({.id = *UserId::parse(id),
                             .apply = [&](domain::User& user) -> std::expected<void, std::string> {
                                 edit(user);
                                 return {};
                             }});
            return domain::edit_users(transaction, app, edits, domain::IfMissing::Create,
                                      node.clock.now(), "the test")
                       ? domain::Outcome::Commit
                       : domain::Outcome::Rollback;
        });
    }
    void edit_app(std::function<void(domain::App&)> edit) {
        node.commit([&](domain::Transaction& transaction) {
            return domain::update_app(
                       transaction, app_id(transaction), [&](domain::App& app) { edit(app); },
                       node.clock.now(), "the test")
                       ? domain::Outcome::Commit
                       : domain::Outcome::Rollback;
        });
    }
    /// Whether the node lets a token in.
    [[nodiscard]] bool accepts(std::string const& token) {
        return node.call({.target = "/app?api_key=key", .token = token}).status == 200;
    }

    ScriptedHttp http;
    TestNode node;
    std::unique_ptr<api::TokenProviders> providers;
};

}  // namespace latchkey::test
