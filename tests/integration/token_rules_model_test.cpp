#include "storage/sqlite/sqlite_store.hpp"
#include "support/temporary_directory.hpp"
#include "support/test_node.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

/// Random sequences of everything that decides about tokens, against the rules written down once
/// more, plainly. The seed is new in each run and stands in every failure; `LATCHKEY_SEED` repeats
/// it.
namespace latchkey::test {
namespace {

using http::Method;
using std::chrono::microseconds;
using std::chrono::seconds;

constexpr int kSteps = 10'000;
constexpr std::size_t kTokensMax = 40;
constexpr std::size_t kConnectionsMax = 20;
constexpr seconds kSkew{10};
constexpr std::array<std::string_view, 4> kUsers = {"u0", "u1", "u2", "u3"};

constexpr int kAccepted = 0;

struct Token {
    std::string text;
    std::string user;
    bool is_signed;
    std::optional<Instant> issued_at{};
    std::optional<Instant> expires_at{};
    std::optional<Instant> not_before{};
};

/// The rules of tokens, as the documentation has them.
struct Model {
    struct User {
        bool exists = false;
        bool deactivated = false;
        bool deleted = false;
        std::optional<Instant> revoked{};
    };
    std::map<std::string, User> users{};
    std::optional<Instant> app_revoked{};
    bool auth_checks = true;

    /// The error code that a call with this token comes to; `kAccepted`: none.
    [[nodiscard]] int code_for(Token const& token, Instant now) const {
        if (auth_checks && token.is_signed) {
            if (token.not_before && *token.not_before > now + kSkew) {
                return token.expires_at && now >= *token.expires_at ? 40 : 41;
            }
            if (token.issued_at && *token.issued_at > now + kSkew) {
                return token.expires_at && now >= *token.expires_at ? 40 : 42;
            }
        }
        return code_for_open(token, now);
    }
    /// The same for one that was let in before: what lay ahead then lies behind now.
    [[nodiscard]] int code_for_open(Token const& token, Instant now) const {
        auto const& user = users.at(token.user);
        if (auth_checks) {
            if (!token.is_signed) {
                return 43;
            }
            auto const is_void = [&](std::optional<Instant> before) {
                return before && (!token.issued_at || *token.issued_at < *before);
            };
            if ((token.expires_at && now >= *token.expires_at) || is_void(user.revoked) ||
                is_void(app_revoked)) {
                return 40;
            }
        }
        return user.deactivated || user.deleted ? 5 : kAccepted;
    }
    [[nodiscard]] bool is_known(std::string const& id) const {
        return users.at(id).exists && !users.at(id).deleted;
    }
};

class Sequence {
public:
    explicit Sequence(std::uint64_t seed) : chance_(seed) {
        for (auto const id : kUsers) {
            model_.users[std::string(id)] = {};
        }
        model_.users["nobody"] = {};  // never made: lists that name it are refused whole
        restart();
    }

    void step() {
        static constexpr std::array kActions = {
            std::pair{20, &Sequence::mint},      std::pair{60, &Sequence::ask},
            std::pair{25, &Sequence::connect},   std::pair{5, &Sequence::disconnect},
            std::pair{15, &Sequence::revoke},    std::pair{10, &Sequence::undo},
            std::pair{4, &Sequence::revoke_app}, std::pair{6, &Sequence::undo_app},
            std::pair{5, &Sequence::deactivate}, std::pair{10, &Sequence::reactivate},
            std::pair{4, &Sequence::remove},     std::pair{8, &Sequence::restore},
            std::pair{8, &Sequence::create},     std::pair{25, &Sequence::let_time_pass},
            std::pair{2, &Sequence::set_checks}, std::pair{1, &Sequence::restart},
        };
        int total = 0;
        for (auto const& [weight, action] : kActions) {
            total += weight;
        }
        auto drawn = number(0, total - 1);
        for (auto const& [weight, action] : kActions) {
            if (drawn < weight) {
                (this->*action)();
                break;
            }
            drawn -= weight;
        }
        check_connections();
    }

private:
    struct Open {
        Token token;
        std::unique_ptr<TestConnection> connection;
    };

    // What there is to do.

    void mint() {
        Token token{.text = {}, .user = std::string(any_user()), .is_signed = number(0, 5) > 0};
        std::string claims = R"({"user_id":")" + token.user + '"';
        auto const date = [&](std::string_view name, int from, int to) {
            auto const at = std::chrono::floor<seconds>(now()) + seconds(number(from, to));
            claims +=
                ",\"" + std::string(name) + "\":" + std::to_string(at.time_since_epoch().count());
            return Instant(at);
        };
        if (number(0, 4) > 0) {
            token.issued_at = date("iat", -20, 12);
        }
        if (number(0, 2) == 0) {
            token.expires_at = date("exp", 0, 60);
        }
        if (number(0, 8) == 0) {
            token.not_before = date("nbf", -12, 12);
        }
        claims += '}';
        token.text = sign(claims);
        if (!token.is_signed) {
            token.text.resize(token.text.rfind('.') + 1);
            token.text += "devtoken";
        }
        if (tokens_.size() == kTokensMax) {
            tokens_.erase(tokens_.begin());
        }
        tokens_.push_back(std::move(token));
    }

    void ask() {
        if (tokens_.empty()) {
            return;
        }
        static constexpr std::array kPaths = {"/app", "/api/v2/app", "/authz/check",
                                              "/longpoll?connection_id=none"};
        auto const& token = any(tokens_);
        std::string const path = any(kPaths);
        auto const mark = path.find('?') == std::string::npos ? "?" : "&";
        auto const answer =
            node_->call({.target = path + mark + "api_key=key", .token = token.text});
        auto code = code_of(answer);
        if (path.starts_with("/longpoll") && code == 46) {
            code = kAccepted;  // let in, and asked about a connection that there is not
        }
        EXPECT_EQ(code, model_.code_for(token, now())) << path << " for " << token.user;
    }

    void connect() {
        if (tokens_.empty()) {
            return;
        }
        auto const& token = any(tokens_);
        auto const details = R"({"user_details":{"id":")" + token.user + "\"}";
        std::unique_ptr<TestConnection> connection;
        if (number(0, 1) == 0) {
            connection = node_->open({.target = "/connect?api_key=key&stream-auth-type=jwt"
                                                "&X-Stream-Client=x&authorization=" +
                                                token.text + "&json=" + encoded(details + '}'),
                                      .auth_type = ""});
        } else {
            connection = node_->open(
                {.target = "/api/v2/connect?api_key=key&stream-auth-type=jwt&X-Stream-Client=x",
                 .auth_type = ""});
            connection->say(details + R"(,"token":")" + token.text + "\"}");
            node_->settle();
        }
        ASSERT_FALSE(connection->socket.sent.empty());
        auto const first = connection->socket.last();
        auto const expected = model_.code_for(token, now());
        if (expected != kAccepted) {
            ASSERT_EQ(first.at("type"), "connection.error") << "for " << token.user;
            EXPECT_EQ(first.at("error").at("code"), expected);
            EXPECT_EQ(connection->socket.close_code, 1000);
            return;
        }
        ASSERT_TRUE(first.contains("me")) << connection->socket.sent.back();
        model_.users.at(token.user).exists = true;
        if (open_.size() == kConnectionsMax) {
            open_.erase(open_.begin());
        }
        open_.push_back({token, std::move(connection)});
    }

    void disconnect() {
        if (!open_.empty()) {
            open_.erase(open_.begin() + number(0, static_cast<int>(open_.size()) - 1));
        }
    }

    void revoke() {
        auto const before = any_instant(-30, 3);
        auto const count = std::chrono::duration_cast<microseconds>(before.time_since_epoch());
        patch_users(
            R"("set":{"revoke_tokens_issued_before":)" + std::to_string(count.count()) + '}',
            [before](Model::User& user) { user.revoked = before; });
    }
    void undo() {
        patch_users(number(0, 1) == 0 ? R"("set":{"revoke_tokens_issued_before":null})"
                                      : R"("unset":["revoke_tokens_issued_before"])",
                    [](Model::User& user) { user.revoked.reset(); });
    }
    void patch_users(std::string const& change, auto const& apply) {
        auto const ids = some_users();
        std::string entries;
        for (auto const& id : ids) {
            entries += (entries.empty() ? "" : ",");
            entries += R"({"id":")" + id + "\"," + change + '}';
        }
        auto const all_known =
            std::ranges::all_of(ids, [&](auto const& id) { return model_.is_known(id); });
        expect_status(Method::Patch, "/users", R"({"users":[)" + entries + "]}",
                      all_known ? 200 : 404);
        if (all_known) {
            for (auto const& id : ids) {
                apply(model_.users.at(id));
            }
        }
    }

    void revoke_app() {
        auto const before = any_instant(-30, 3);
        auto const count = std::chrono::duration_cast<microseconds>(before.time_since_epoch());
        expect_status(Method::Patch, "/app",
                      R"({"revoke_tokens_issued_before":)" + std::to_string(count.count()) + '}',
                      200);
        model_.app_revoked = before;
    }
    void undo_app() {
        expect_status(Method::Patch, "/app",
                      number(0, 1) == 0 ? R"({"revoke_tokens_issued_before":null})" : "{}", 200);
        model_.app_revoked.reset();
    }

    void deactivate() {
        change_one("/deactivate", [](Model::User& user) { user.deactivated = true; });
    }
    void reactivate() {
        change_one("/reactivate", [](Model::User& user) { user.deactivated = false; });
    }
    void change_one(std::string const& what, auto const& apply) {
        std::string const id(any_user());
        auto const known = model_.is_known(id);
        expect_status(Method::Post, "/users/" + id + what, "{}", known ? 201 : 404);
        if (known) {
            apply(model_.users.at(id));
        }
    }
    void remove() {
        std::string const id(any_user());
        auto& user = model_.users.at(id);
        bool const hard = number(0, 1) == 0;
        auto const possible = hard ? user.exists : model_.is_known(id);
        expect_status(Method::Delete, "/users/" + id + (hard ? "?hard_delete=true" : ""), {},
                      possible ? 200 : 404);
        if (!possible) {
            return;
        }
        user.deleted = true;
        check_connections();
        if (hard) {
            user = {.revoked = user.revoked};  // a revocation outlives its user
        }
    }
    void restore() {
        std::string const id(any_user());
        auto& user = model_.users.at(id);
        expect_status(Method::Post, "/users/restore", R"({"user_ids":[")" + id + "\"]}",
                      user.exists ? 201 : 404);
        user.deleted = false;
    }
    void create() {
        std::string const id(any_user());
        auto& user = model_.users.at(id);
        expect_status(Method::Post, "/users", R"({"users":{")" + id + R"(":{"id":")" + id + "\"}}}",
                      user.deleted ? 404 : 201);
        user.exists = true;
    }

    void let_time_pass() {
        node_->clock.set(std::max(now(), any_instant(0, 5)));
        node_->service.on_tick();
        node_->settle();
    }

    void set_checks() {
        model_.auth_checks = number(0, 2) > 0;
        expect_status(
            Method::Patch, "/app",
            std::string(R"({"disable_auth_checks":)") + (model_.auth_checks ? "false}" : "true}"),
            200);
    }

    /// Everything in memory goes; what was answered is on the disk.
    void restart() {
        auto const time = node_ ? now() : kNow;
        open_.clear();
        node_.reset();
        node_ = std::make_unique<TestNode>(
            domain::Mode::Development,
            storage::SqliteStore::open({.data_directory = directory_.path() / "data"}, random_,
                                       log_));
        node_->clock.set(time);
    }

    // What must hold.

    void check_connections() {
        std::erase_if(open_, [&](Open const& open) {
            auto const expected = model_.code_for_open(open.token, now());
            auto const& socket = open.connection->socket;
            if (expected == kAccepted) {
                EXPECT_EQ(socket.close_code, 0)
                    << "closed for no reason: " << open.token.user << ", " << socket.sent.back();
            } else {
                EXPECT_EQ(socket.close_code, 4001) << "left open: " << open.token.user;
                EXPECT_EQ(socket.last().contains("error") &&
                              socket.last().at("error").at("code") == expected,
                          true)
                    << "wanted " << expected << ", got " << socket.sent.back();
            }
            return expected != kAccepted;
        });
    }

    void expect_status(Method method, std::string const& path, std::string const& body,
                       int status) {
        auto const style = number(0, 1) == 0 && method != Method::Delete ? "/api/v2" : "";
        auto const mark = path.find('?') == std::string::npos ? "?" : "&";
        auto const answer = node_->call({.method = method,
                                         .target = style + path + mark + "api_key=key",
                                         .token = server_token(),
                                         .body = body});
        EXPECT_EQ(answer.status, status) << path << ' ' << body << '\n' << answer.body;
    }

    static int code_of(http::Response const& answer) {
        return answer.status == 200 ? kAccepted : static_cast<int>(TestNode::code_of(answer));
    }

    // Chance.

    int number(int from, int to) { return std::uniform_int_distribution(from, to)(chance_); }
    template <class List>
    typename List::value_type const& any(List const& list) {
        return list[static_cast<std::size_t>(number(0, static_cast<int>(list.size()) - 1))];
    }
    /// Half of them on a whole second, where the rules have their boundaries.
    Instant any_instant(int from_s, int to_s) {
        auto const at = now() + microseconds(number(from_s * 1'000'000, to_s * 1'000'000));
        return number(0, 1) == 0 ? at : Instant(std::chrono::round<seconds>(at));
    }
    std::string_view any_user() { return any(kUsers); }
    std::vector<std::string> some_users() {
        std::vector<std::string> ids(kUsers.begin(), kUsers.end());
        std::ranges::shuffle(ids, chance_);
        ids.resize(static_cast<std::size_t>(number(1, 3)));
        if (number(0, 9) == 0) {
            ids.emplace_back("nobody");
        }
        return ids;
    }
    static std::string encoded(std::string_view json) {
        std::string text;
        for (char const c : json) {
            text += c == '"' ? "%22" : c == '{' ? "%7B" : c == '}' ? "%7D" : std::string(1, c);
        }
        return text;
    }

    [[nodiscard]] Instant now() const { return node_->clock.now(); }

    std::mt19937_64 chance_;
    TemporaryDirectory directory_;
    SeededRandom random_;
    RecordingLog log_;
    Model model_;
    std::vector<Token> tokens_;
    std::unique_ptr<TestNode> node_;
    std::vector<Open> open_;  ///< ends before the node that it belongs to
};

std::uint64_t choose_seed() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing else runs yet
    if (auto const* given = std::getenv("LATCHKEY_SEED")) {
        return std::strtoull(given, nullptr, 10);
    }
    return std::random_device()();
}

TEST(TokenRules, HoldOnEveryPathThroughAnySequenceOfEvents) {
    auto const seed = choose_seed();
    RecordProperty("seed", std::to_string(seed));
    Sequence sequence(seed);
    for (int step = 1; step <= kSteps; ++step) {
        SCOPED_TRACE("step " + std::to_string(step) +
                     "; to repeat: LATCHKEY_SEED=" + std::to_string(seed));
        sequence.step();
        if (HasFailure()) {
            return;
        }
    }
}

}  // namespace
}  // namespace latchkey::test
