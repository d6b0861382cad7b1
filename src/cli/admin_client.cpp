#include "cli/admin_client.hpp"

#include "api/admin.hpp"
#include "api/admin_json.hpp"
#include "api/admin_routes.hpp"
#include "domain/node_state.hpp"
#include "http/uri.hpp"
#include "net/client.hpp"
#include "server/local_access.hpp"
#include "server/spdlog_event_log.hpp"
#include "storage/argon2_passwords.hpp"
#include "storage/data_directory.hpp"
#include "storage/sqlite/sqlite_store.hpp"
#include "wire/json.hpp"

#include <latchkey/base/clock.hpp>
#include <latchkey/base/random_source.hpp>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <utility>
#include <variant>

namespace latchkey::cli {
namespace {

using boost::json::object;

constexpr std::chrono::seconds kAnswerMax{30};

std::unexpected<CommandError> fail(std::string message) {
    return std::unexpected(CommandError{std::move(message)});
}

/// What the answer says, where it is an error of the API's shape.
std::string message_of(object const& answer) {
    auto const* message = answer.if_contains("message");
    return message != nullptr && message->is_string() ? std::string(message->get_string())
                                                      : std::string("the server gave no reason");
}

std::optional<server::LocalAccess> access_from_environment() {
    // Read before any thread is started.
    auto const* const listen =
        std::getenv("LATCHKEY_ADMIN_LISTEN");                       // NOLINT(concurrency-mt-unsafe)
    auto const* const token = std::getenv("LATCHKEY_ADMIN_TOKEN");  // NOLINT(concurrency-mt-unsafe)
    auto const address = listen == nullptr ? std::nullopt : server::parse_host_port(listen);
    if (!address || token == nullptr) {
        return std::nullopt;
    }
    return server::LocalAccess{
        .host = address->host, .port = address->port, .credential = Secret(token)};
}

/// Whose answer it is, as far as it tells.
enum class From : std::uint8_t {
    Server,    ///< of the one that was to be asked, or an error that says nothing of that
    Stranger,  ///< no Latchkey's, or one's that does not know the credential: it did nothing
    Nobody,    ///< nobody listens there
};

struct ServerReply {
    From from;
    std::expected<object, CommandError> result;
};

ServerReply call_server(server::LocalAccess const& access, AdminRequest const& request) {
    net::ClientRequest http = {
        .method = std::string(request.method),
        .target = request.path,
        .fields = {{"Authorization", "Bearer " + std::string(access.credential.reveal())},
                   {"Content-Type", "application/json"}},
        .body = request.body};
    auto const response =
        net::fetch({.host = access.host, .port = access.port}, std::move(http), kAnswerMax);
    auto const failed = [](From from, std::string message) {
        return ServerReply{.from = from, .result = fail(std::move(message))};
    };
    auto const address = fmt::format("{}:{}", access.host, access.port);
    if (!response) {
        auto const error = response.error().error;
        if (error == net::ClientError::CannotConnect) {
            return failed(From::Nobody, "nobody listens at " + address);
        }
        return failed(
            error == net::ClientError::NotHttp ? From::Stranger : From::Server,
            fmt::format("the server at {} did not answer: {}", address, net::describe(error)));
    }
    auto body = wire::parse_json_object(response->body);
    if (!body || !body->contains("duration")) {  // each answer of a Latchkey has it
        return failed(From::Stranger,
                      fmt::format("what answers at {} is no Latchkey server", address));
    }
    if (response->status >= 400) {
        // The credential is an owner's: the server that made it forbids it nothing.
        bool const is_unknown_there = response->status == 401 || response->status == 403;
        return failed(is_unknown_there ? From::Stranger : From::Server, message_of(*body));
    }
    return {.from = From::Server, .result = *std::move(body)};
}

http::Method method_of(std::string_view name) {
    if (name == "POST") {
        return http::Method::Post;
    }
    if (name == "DELETE") {
        return http::Method::Delete;
    }
    return name == "PATCH" ? http::Method::Patch : http::Method::Get;
}

std::expected<object, CommandError> to_object(api::Result const& result) {
    if (!result) {
        return fail(result.error().message);
    }
    auto body = wire::parse_json_object("{" + result->members + "}");
    if (!body) {
        return fail("the answer cannot be read");
    }
    return *std::move(body);
}

api::Result run_on_store(domain::Store& store, api::StoreWork work) {
    api::Result result;
    std::array<domain::Job, 1> jobs = {[&](domain::Transaction& transaction) {
        result = work(transaction);
        return result ? domain::Outcome::Commit : domain::Outcome::Rollback;
    }};
    auto const committed = store.commit(jobs);
    if (committed.jobs.front() == domain::JobResult::Failed) {
        throw domain::StoreFailure("the store could not do it");
    }
    return result;
}

/// Node state of a store that no server runs on, loaded where somebody asks.
class StoredTokenState final : public api::TokenState {
public:
    StoredTokenState(domain::Store& store, RandomSource& random)
        : store_(store), state_(1, random) {}

    [[nodiscard]] domain::NodeState::Reader read() override {
        if (!loaded_) {
            state_.load(store_);
            loaded_ = true;
        }
        return state_.read(0);
    }
    [[nodiscard]] token::Verifier& verifier() override { return verifier_; }

private:
    domain::Store& store_;
    domain::NodeState state_;
    token::Verifier verifier_;
    bool loaded_ = false;
};

/// What comes of a reply without a loop: everything is done here and now.
api::Result settle(domain::Store& store, api::LateAdminReply reply) {
    if (!reply) {
        return std::unexpected(std::move(reply).error());
    }
    if (auto* work = std::get_if<api::StoreWork>(&*reply)) {
        return run_on_store(store, std::move(*work));
    }
    if (auto* answer = std::get_if<api::Answer>(&*reply)) {
        return std::move(*answer);
    }
    return std::unexpected(api::admin::wants_server());
}

api::Result settle_reply(domain::Store& store, api::AdminReply reply) {
    if (!reply) {
        return std::unexpected(std::move(reply).error());
    }
    if (auto* detour = std::get_if<api::Detour>(&*reply)) {
        api::Result result = std::unexpected(api::admin::wants_server());
        (*detour)([&](api::LateAdminReply late) { result = settle(store, std::move(late)); });
        return result;
    }
    if (auto* work = std::get_if<api::StoreWork>(&*reply)) {
        return run_on_store(store, std::move(*work));
    }
    if (auto* answer = std::get_if<api::Answer>(&*reply)) {
        return std::move(*answer);
    }
    return std::unexpected(api::admin::wants_server());
}

std::expected<object, CommandError> call_store(server::Settings settings,
                                               AdminRequest const& request) {
    auto const database = settings.data / storage::kDatabaseFileName;
    if (!request.may_create_store && !std::filesystem::exists(database)) {
        return fail(fmt::format(
            "there is no store in {} and no server runs on it; name its folder with --data",
            settings.data.string()));
    }
    SystemClock const clock;
    SystemRandomSource random;
    server::SpdlogEventLog log(server::LogFormat::Text, LogLevel::Warning, clock);
    auto const store = storage::SqliteStore::open(
        {.data_directory = settings.data, .master_key = std::move(settings.master_key)}, random,
        log);
    std::string_view const target = request.path;
    auto const question = std::min(target.find('?'), target.size());
    http::Request const call = {.method = method_of(request.method),
                                .target = target,
                                .path = target.substr(0, question),
                                .query = target.substr(std::min(question + 1, target.size())),
                                .fields = {},
                                .body = request.body,
                                .peer_address = {}};
    auto const route = api::find_admin_route(call.method, call.path);
    if (!route) {
        return fail(api::no_admin_route(call.path).message);
    }
    StoredTokenState tokens(*store, random);
    storage::Argon2Passwords hasher;
    domain::DirectPasswordQueue passwords(hasher);
    api::AdminWorld const world = {.random = random, .tokens = tokens, .passwords = passwords};
    return to_object(settle_reply(
        *store, api::call_admin_route(*route, call, clock.now(), api::Operator{}, world)));
}

}  // namespace

std::expected<object, CommandError> call_admin(server::Settings settings,
                                               AdminRequest const& request) {
    // A server that was killed leaves its file behind, and another may listen at the address since.
    // Whether one runs on this store the lock tells, which goes with its process.
    std::string stranger;
    if (auto const local = server::read_local_access(settings.data)) {
        auto reply = call_server(*local, request);
        if (reply.from == From::Server) {
            return std::move(reply).result;
        }
        if (reply.from == From::Stranger) {
            stranger = fmt::format("{} names {}:{}, where another server answers (\"{}\"), while ",
                                   (settings.data / server::kLocalAccessFileName).string(),
                                   local->host, local->port, reply.result.error().message);
        }
    } else if (auto const remote = access_from_environment()) {
        return call_server(*remote, request).result;
    }
    try {
        return call_store(std::move(settings), request);
    } catch (storage::DirectoryHeld const& failure) {
        return fail(stranger + failure.what());
    } catch (domain::StoreFailure const& failure) {
        return fail(failure.what());
    }
}

server::Settings copy_of(server::Settings const& settings) {
    server::Settings copy;
    copy.data = settings.data;
    if (settings.master_key) {
        copy.master_key.emplace(settings.master_key->clone());
    }
    return copy;
}

std::expected<object, CommandError> get_admin(server::Settings const& settings, std::string path) {
    return call_admin(copy_of(settings), {.method = "GET", .path = std::move(path), .body = {}});
}

std::expected<object, CommandError> post_admin(server::Settings const& settings, std::string path,
                                               object const& body) {
    return call_admin(
        copy_of(settings),
        {.method = "POST", .path = std::move(path), .body = boost::json::serialize(body)});
}

std::string app_path(std::string_view api_key, std::string_view rest) {
    return fmt::format("/admin/v1/apps/{}{}", http::percent_encode(api_key), rest);
}

std::string with_query(std::string path, std::initializer_list<QueryParameter> parameters) {
    char separator = '?';
    for (auto const& parameter : parameters) {
        if (!parameter.value.empty()) {
            path += separator;
            path.append(parameter.name)
                .append(1, '=')
                .append(http::percent_encode(parameter.value));
            separator = '&';
        }
    }
    return path;
}

std::expected<std::string, CommandError> named_or_only_app(server::Settings const& settings,
                                                           std::string const& named) {
    if (!named.empty()) {
        return named;
    }
    auto const answer = get_admin(settings, "/admin/v1/apps");
    if (!answer) {
        return std::unexpected(answer.error());
    }
    auto const& apps = answer->at("apps").as_array();
    if (apps.size() != 1) {
        return fail(fmt::format("there are {} apps: name one by its key", apps.size()));
    }
    return std::string(apps.front().at("api_key").as_string());
}

}  // namespace latchkey::cli
