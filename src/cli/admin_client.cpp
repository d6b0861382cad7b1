#include "cli/admin_client.hpp"

#include "api/admin.hpp"
#include "api/token_admin.hpp"
#include "api/token_explain.hpp"
#include "domain/node_state.hpp"
#include "net/client.hpp"
#include "server/local_access.hpp"
#include "server/spdlog_event_log.hpp"
#include "storage/data_directory.hpp"
#include "storage/sqlite/sqlite_store.hpp"
#include "wire/json.hpp"

#include <latchkey/base/clock.hpp>
#include <latchkey/base/random_source.hpp>

#include <fmt/format.h>

#include <array>
#include <chrono>
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

/// Empty: nobody listens there.
std::optional<std::expected<object, CommandError>> call_server(server::LocalAccess const& access,
                                                               AdminRequest const& request) {
    net::ClientRequest http = {
        .method = std::string(request.method),
        .target = request.path,
        .fields = {{"Authorization", "Bearer " + std::string(access.credential.reveal())},
                   {"Content-Type", "application/json"}},
        .body = request.body};
    auto const response =
        net::fetch({.host = access.host, .port = access.port}, std::move(http), kAnswerMax);
    if (!response) {
        if (response.error().error == net::ClientError::CannotConnect) {
            return std::nullopt;
        }
        return fail(fmt::format("the server at {}:{} did not answer: {}", access.host, access.port,
                                net::describe(response.error().error)));
    }
    auto body = wire::parse_json_object(response->body);
    if (!body) {
        return fail(
            fmt::format("what answers at {}:{} is no Latchkey server", access.host, access.port));
    }
    if (response->status >= 400) {
        return fail(message_of(*body));
    }
    return *std::move(body);
}

http::Method method_of(std::string_view name) {
    if (name == "POST") {
        return http::Method::Post;
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

/// Null: the path is none of a question about a token.
api::TokenQuestion* question_at(std::string_view path) {
    if (path == "/admin/v1/tokens/check") {
        return api::check_token;
    }
    return path == "/admin/v1/tokens/explain" ? api::explain_token : nullptr;
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
    if (auto* const question = question_at(request.path)) {
        domain::NodeState state(1, random);
        state.load(*store);
        token::Verifier verifier;
        auto const body = wire::parse_json_object(request.body);
        auto reply = question(state.read(0), body.value(), clock.now(), verifier);
        if (!reply) {
            return fail(reply.error().message);
        }
        auto* const work = std::get_if<api::StoreWork>(&*reply);
        return to_object(work != nullptr ? run_on_store(*store, std::move(*work))
                                         : api::Result(std::get<api::Answer>(*std::move(reply))));
    }
    auto work =
        api::admin_work(method_of(request.method), request.path, request.body, clock.now(), random);
    if (!work) {
        return fail(work.error().message);
    }
    return to_object(run_on_store(*store, *std::move(work)));
}

}  // namespace

std::expected<object, CommandError> call_admin(server::Settings settings,
                                               AdminRequest const& request) {
    if (auto const local = server::read_local_access(settings.data)) {
        if (auto answer = call_server(*local, request)) {
            return *std::move(answer);
        }
    } else if (auto const remote = access_from_environment()) {
        auto answer = call_server(*remote, request);
        return answer ? *std::move(answer)
                      : fail(fmt::format("nobody listens at {}:{}", remote->host, remote->port));
    }
    try {
        return call_store(std::move(settings), request);
    } catch (domain::StoreFailure const& failure) {
        return fail(failure.what());
    }
}

}  // namespace latchkey::cli
