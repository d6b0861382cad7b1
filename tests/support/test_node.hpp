#pragma once

#include "api/admin_routes.hpp"
#include "api/node.hpp"
#include "api/public_service.hpp"
#include "domain/apps.hpp"
#include "domain/node_state.hpp"
#include "domain/passwords.hpp"
#include "domain/store_queue.hpp"
#include "http/service.hpp"
#include "storage/argon2_passwords.hpp"
#include "storage/memory/memory_store.hpp"
#include "support/manual_clock.hpp"
#include "support/recording_log.hpp"
#include "support/schema_check.hpp"
#include "support/seeded_random.hpp"

#include <latchkey/base/base64url.hpp>
#include <latchkey/token/hmac_key.hpp>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A node without sockets or threads: everything that happens is called by the test, in order.
namespace latchkey::test {

inline constexpr Instant kNow{std::chrono::seconds{1'767'225'600}};  // 2026-01-01T00:00:00Z
inline constexpr std::string_view kApiSecret = "test-secret-0123456789-abcdefghijklmnop";

/// Signs claims as any SDK does.
inline std::string sign(std::string_view claims, std::string_view secret = kApiSecret) {
    auto const input =
        base64url::encode(R"({"alg":"HS256","typ":"JWT"})") + '.' + base64url::encode(claims);
    auto const mac = token::HmacKey(secret).mac(input);
    return input + '.' + base64url::encode(mac);
}
inline std::string server_token() { return sign(R"({"server":true})"); }

/// A user's token issued at `kNow` plus an offset.
inline std::string user_token(std::string_view id, std::chrono::seconds issued = {}) {
    auto const seconds = std::chrono::floor<std::chrono::seconds>(kNow + issued);
    return sign(R"({"user_id":")" + std::string(id) + R"(","iat":)" +
                std::to_string(seconds.time_since_epoch().count()) + "}");
}

/// Tasks wait until the test runs them.
class ManualLoop final : public http::Loop {
public:
    void post(std::move_only_function<void()> task) override { tasks_.push_back(std::move(task)); }
    void run() {
        while (!tasks_.empty()) {
            run_one();
        }
    }
    /// The task that has waited longest.
    void run_one() {
        auto task = std::move(tasks_.front());
        tasks_.pop_front();
        task();
    }

private:
    std::deque<std::move_only_function<void()>> tasks_;
};

/// Runs jobs when told to; then does what the server's worker does: state, listeners, `done`.
class ManualStoreQueue final : public domain::StoreQueue, public domain::ChangeFeed {
public:
    ManualStoreQueue(domain::Store& store, domain::NodeState& state)
        : store_(store), state_(state) {}

    void submit(domain::Job job, Done done) override {
        if (full) {
            done(domain::WorkResult::Failed);
            return;
        }
        waiting_.emplace_back(std::move(job), std::move(done));
    }
    void subscribe(domain::ChangeListener& listener) override { listeners_.push_back(&listener); }
    void unsubscribe(domain::ChangeListener& listener) override {
        std::erase(listeners_, &listener);
    }
    void run() {
        while (!waiting_.empty()) {
            run_next();
        }
    }
    /// The job that has waited longest.
    void run_next() {
        auto [job, done] = std::move(waiting_.front());
        waiting_.pop_front();
        run_one(std::move(job), std::move(done));
    }

    [[nodiscard]] bool is_waiting() const { return !waiting_.empty(); }

    bool full = false;  ///< refuse what is submitted
    bool lost = false;  ///< fail every commit

private:
    void run_one(domain::Job job, Done done) {
        if (lost) {
            done(domain::WorkResult::Failed);
            return;
        }
        std::array<domain::Job, 1> jobs = {std::move(job)};
        auto result = store_.commit(jobs);
        state_.apply(result.changes);
        auto const changes =
            std::make_shared<std::vector<domain::Change> const>(std::move(result.changes));
        for (auto* listener : listeners_) {
            listener->on_changes(changes);
        }
        done(result.jobs.front() == domain::JobResult::Committed ? domain::WorkResult::Done
                                                                 : domain::WorkResult::RolledBack);
    }

    domain::Store& store_;
    domain::NodeState& state_;
    std::deque<std::pair<domain::Job, Done>> waiting_;
    std::vector<domain::ChangeListener*> listeners_;
};

/// A request to be made of a service, as text; and what came of it.
struct TestRequest {
    http::Method method = http::Method::Get;
    std::string target;
    std::string token{};
    std::string auth_type = "jwt";
    std::string body{};
    std::vector<http::Field> fields{};
    std::string peer_address = "127.0.0.1";
};

/// Whatever a test is about, an answer of the admin API has to be one that admin.json describes,
/// and a request that is taken too.
inline void expect_described_for_operators(http::Request const& request,
                                           http::Response const& response) {
    auto const route = api::find_admin_route(request.method, request.path);
    auto const operation = route ? route->route.operation : std::string_view();
    EXPECT_EQ(admin_answer_faults(operation, response.status, response.body), Faults())
        << request.target << '\n'
        << response.body;
    if (response.status < 400) {
        EXPECT_EQ(admin_request_faults(operation, request.query, request.body), Faults())
            << request.target << '\n'
            << request.body;
    }
}

/// An exchange whose answer is kept. Used once.
class TestExchange final : public http::Exchange {
public:
    explicit TestExchange(TestRequest const& from, bool upgrade = false)
        : target_(from.target),
          token_(from.token),
          auth_type_(from.auth_type),
          body_(from.body),
          peer_address_(from.peer_address),
          upgrade_(upgrade),
          result_(std::make_shared<Result>()) {
        fields_ = from.fields;
        if (!auth_type_.empty()) {
            fields_.push_back({"Stream-Auth-Type", auth_type_});
        }
        if (!token_.empty()) {
            fields_.push_back({"Authorization", token_});
        }
        auto const question = target_.find('?');
        request_ = {.method = from.method,
                    .target = target_,
                    .path = std::string_view(target_).substr(0, question),
                    .query = question == std::string::npos
                                 ? std::string_view()
                                 : std::string_view(target_).substr(question + 1),
                    .fields = fields_,
                    .body = body_,
                    .peer_address = peer_address_};
    }

    [[nodiscard]] http::Request const& request() const override { return request_; }
    [[nodiscard]] std::chrono::steady_clock::time_point started() const override { return {}; }
    [[nodiscard]] http::Response& response() override { return response_; }
    void answer() override { result_->set(response_); }
    [[nodiscard]] std::unique_ptr<http::DeferredAnswer> defer() override {
        return std::make_unique<Deferred>(result_);
    }
    [[nodiscard]] bool is_upgrade() const override { return upgrade_; }
    void upgrade(std::unique_ptr<http::Conversation> conversation) override {
        conversation_ = std::move(conversation);
    }

    [[nodiscard]] bool answered() const { return result_->answers == 1; }
    [[nodiscard]] http::Response const& answer_given() const {
        if (answered() && request_.path.starts_with(api::kAdminPrefix)) {
            expect_described_for_operators(request_, result_->response);
        }
        return result_->response;
    }
    [[nodiscard]] std::unique_ptr<http::Conversation> take_conversation() {
        return std::move(conversation_);
    }

private:
    struct Result {
        int answers = 0;
        http::Response response;
        void set(http::Response from) {
            ++answers;
            response = std::move(from);
        }
    };
    class Deferred final : public http::DeferredAnswer {
    public:
        explicit Deferred(std::shared_ptr<Result> result) : result_(std::move(result)) {}
        void complete(http::Response response) override { result_->set(std::move(response)); }

    private:
        std::shared_ptr<Result> result_;
    };

    std::string target_;
    std::string token_;
    std::string auth_type_;
    std::string body_;
    std::string peer_address_;
    bool upgrade_;
    std::vector<http::Field> fields_;
    http::Request request_;
    http::Response response_;
    std::shared_ptr<Result> result_;
    std::unique_ptr<http::Conversation> conversation_;
};

/// What an OpenAPI document calls the method of a route.
inline std::string_view method_key(http::Method method) {
    switch (method) {
        case http::Method::Get: return "get";
        case http::Method::Post: return "post";
        case http::Method::Put: return "put";
        case http::Method::Patch: return "patch";
        case http::Method::Delete: return "delete";
        case http::Method::Head:
        case http::Method::Options:
        case http::Method::Other: break;
    }
    return "no method of a route";
}

/// What openapi.json calls the operation that this path leads to; empty where it leads nowhere.
inline std::string described_operation(http::Method method, std::string_view target) {
    auto const route = api::find_route(method, target.substr(0, target.find('?')));
    if (!route) {
        return {};
    }
    return std::string(api::facts(route->operation).id) +
           (route->style == wire::Style::V2 ? "V2" : "");
}

/// A WebSocket whose other side is the test. Whatever that is about, each frame has to be one that
/// openapi.json describes.
class TestSocket final : public http::WebSocket {
public:
    explicit TestSocket(std::string operation = "Connect") : operation_(std::move(operation)) {}

    void send_text(std::string_view text) override {
        auto const frame = sent.empty() ? Frame::First : Frame::Later;
        EXPECT_EQ(frame_faults(operation_, frame, boost::json::parse(text)), Faults()) << text;
        sent.emplace_back(text);
    }
    void close(std::uint16_t code, std::string_view reason) override {
        close_code = code;
        close_reason = reason;
    }
    void send_text_and_close(std::string_view text, std::uint16_t code,
                             std::string_view reason) override {
        send_text(text);
        close(code, reason);
    }
    [[nodiscard]] boost::json::object last() const {
        return boost::json::parse(sent.back()).as_object();
    }

    std::vector<std::string> sent;
    std::uint16_t close_code = 0;
    std::string close_reason;

private:
    std::string operation_;
};

/// One open conversation and its socket; ends with the test.
struct TestConnection {
    explicit TestConnection(std::string operation = "Connect") : socket(std::move(operation)) {}

    TestSocket socket;
    std::unique_ptr<http::Conversation> conversation;

    ~TestConnection() {
        if (conversation) {
            conversation->on_end();
        }
    }
    void say(std::string_view text) { conversation->on_message(http::MessageKind::Text, text); }
};

/// The whole node: an App `key` with `kApiSecret`, made where the store has none yet, and one
/// loop's public service.
class TestNode {
public:
    explicit TestNode(domain::Mode mode = domain::Mode::Production,
                      std::unique_ptr<domain::Store> given = nullptr)
        : kept_store(given ? std::move(given) : std::make_unique<storage::MemoryStore>(random)) {
        state.load(store);
        commit([&](domain::Transaction& transaction) {
            auto const app = domain::create_app(transaction,
                                                {.name = "Test app",
                                                 .mode = mode,
                                                 .api_key = ApiKey::parse("key"),
                                                 .api_secret = Secret(std::string(kApiSecret))},
                                                kNow, random);
            return app ? domain::Outcome::Commit : domain::Outcome::Rollback;
        });
    }

    /// Runs a job at once.
    void commit(domain::Job job) {
        queue.submit(std::move(job), [](domain::WorkResult) {});
        settle();
    }
    /// Lets everything happen that waits.
    void settle() {
        do {
            queue.run();
            loop.run();
        } while (queue.is_waiting());
    }

    http::Response call(TestRequest const& request) {
        TestExchange exchange(request);
        service.handle(exchange);
        settle();
        if (!exchange.answered()) {
            return {.status = 0, .fields = {}, .body = {}};
        }
        expect_described(request, exchange.answer_given());
        return exchange.answer_given();
    }
    static boost::json::object body_of(http::Response const& response) {
        return boost::json::parse(response.body).as_object();
    }
    static std::int64_t code_of(http::Response const& response) {
        return body_of(response).at("code").as_int64();
    }

    /// Opens a WebSocket; its first frame, where it has one yet, is in `socket.sent`.
    std::unique_ptr<TestConnection> open(TestRequest const& request) {
        TestExchange exchange(request, true);
        service.handle(exchange);
        auto connection =
            std::make_unique<TestConnection>(described_operation(request.method, request.target));
        connection->conversation = exchange.take_conversation();
        connection->conversation->on_open(connection->socket);
        settle();
        return connection;
    }

    /// Whatever a test is about, its answer has to be one that openapi.json describes.
    static void expect_described(TestRequest const& request, http::Response const& response) {
        if (!response.body.empty()) {
            EXPECT_EQ(answer_faults(described_operation(request.method, request.target),
                                    response.status, boost::json::parse(response.body)),
                      Faults())
                << request.target << '\n'
                << response.body;
        }
    }

    ManualClock clock{kNow};
    SeededRandom random;
    RecordingLog log;
    std::unique_ptr<domain::Store> kept_store;
    domain::Store& store{*kept_store};
    domain::NodeState state{1, random};
    ManualStoreQueue queue{store, state};
    api::Presence presence;
    api::Readings readings;
    api::TrustedProxies proxies = *api::TrustedProxies::parse("127.0.0.1");
    storage::Argon2Passwords hasher{{.passes = 1, .memory_bytes = 8192}};  // quick
    domain::DirectPasswordQueue passwords{hasher};
    std::atomic<bool> ready{true};
    ManualLoop loop;
    api::Node node{.state = state,
                   .store = queue,
                   .changes = queue,
                   .presence = presence,
                   .clock = clock,
                   .random = random,
                   .log = log,
                   .readings = readings,
                   .proxies = proxies,
                   .passwords = passwords,
                   .ready = ready,
                   .loop_count = 1};
    api::PublicService service{node, loop, 0};
};

}  // namespace latchkey::test
