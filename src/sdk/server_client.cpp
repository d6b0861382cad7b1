#include <latchkey/sdk/server_client.hpp>

#include "sdk/server_answers.hpp"
#include "sdk/server_core.hpp"
#include "sdk/server_requests.hpp"
#include "sdk/server_tokens.hpp"

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace latchkey::sdk {
namespace {

/// Sends what was formatted, and puts what `read` makes of the answer where the caller waits.
template <class T, class Read>
Call<T> start(ServerCaller& caller, Result<ApiCall> call, Read read) {
    auto promise = std::make_shared<typename Call<T>::Promise>(&caller);
    if (!call) {
        promise->set(std::unexpected(std::move(call).error()));
        return Call<T>(std::move(promise));
    }
    caller.call(*std::move(call),
                [promise, read = std::move(read)](Result<ServerCaller::Answered> answered) {
                    if (!answered) {
                        return promise->set(std::unexpected(std::move(answered).error()));
                    }
                    Result<T> result = read(answered->response);
                    if (!result) {
                        result.error().request_id = std::move(answered->request_id);
                    }
                    promise->set(std::move(result));
                });
    return Call<T>(std::move(promise));
}

Call<std::vector<User>> change_users(ServerCaller& caller, Result<ApiCall> call,
                                     std::vector<std::string> user_ids) {
    return start<std::vector<User>>(caller, std::move(call),
                                    [user_ids = std::move(user_ids)](Response const& response) {
                                        return answers::read_changed_users(response, user_ids);
                                    });
}

template <class Range>
std::vector<std::string> ids_of(Range const& range) {
    std::vector<std::string> ids;
    for (auto const& entry : range) {
        ids.push_back(entry.id);
    }
    return ids;
}

}  // namespace

ServerClient::Options read_server_options(EnvironmentLookup const& find) {
    std::string missing;
    auto const read = [&](std::string const& name) {
        auto value = find(name).value_or("");
        if (value.empty()) {
            missing += (missing.empty() ? "" : ", ") + name;
        }
        return value;
    };
    auto key = read("STREAM_API_KEY");
    Secret secret(read("STREAM_API_SECRET"));
    auto base_url = read("STREAM_BASE_URL");
    if (!missing.empty()) {
        throw std::invalid_argument("not set in the environment: " + missing);
    }
    return {.api_key = std::move(key),
            .api_secret = std::move(secret),
            .connection = {.base_url = std::move(base_url)}};
}

ServerCaller::Parts to_parts(ServerClient::Options const& options) {
    auto api_key = ApiKey::parse(options.api_key);
    if (!api_key) {
        throw std::invalid_argument("an API key has 1 to 64 letters, digits, _ and -");
    }
    if (options.api_secret.reveal().empty()) {
        throw std::invalid_argument("the API secret is empty");
    }
    auto const deadline = options.connection.deadline;
    if (deadline <= std::chrono::milliseconds(0) || deadline > ServerClient::kDeadlineMax) {
        throw std::invalid_argument("the deadline of calls is 1 ms to 1 h");
    }
    return {.api_key = *std::move(api_key),
            .key = token::HmacKey(options.api_secret.reveal()),
            .deadline = deadline};
}

ServerClient::ServerClient(std::unique_ptr<Core> core) : core_(std::move(core)) {}
ServerClient::~ServerClient() = default;
ServerClient::ServerClient(ServerClient&&) noexcept = default;
ServerClient& ServerClient::operator=(ServerClient&&) noexcept = default;

Result<std::string> ServerClient::create_token(std::string_view user_id,
                                               TokenOptions const& options) const {
    return sdk::create_token(user_id, options, core_->caller().key(), core_->clock().now());
}

Result<VerifiedToken> ServerClient::verify_token(std::string_view token) const {
    return sdk::verify_token(token, core_->caller().key(), core_->caller().api_key(),
                             core_->clock().now());
}

Call<std::vector<User>> ServerClient::upsert_users(std::span<UserRequest const> users) {
    return change_users(core_->caller(), requests::upsert_users(users), ids_of(users));
}

Call<std::vector<User>> ServerClient::update_users_partial(std::span<UserPatch const> patches) {
    return change_users(core_->caller(), requests::update_users_partial(patches), ids_of(patches));
}

Call<std::vector<User>> ServerClient::query_users(UserQuery const& query) {
    return start<std::vector<User>>(core_->caller(), requests::query_users(query),
                                    answers::read_found_users);
}

Call<User> ServerClient::deactivate_user(std::string_view user_id) {
    return start<User>(core_->caller(), requests::deactivate_user(user_id), answers::read_one_user);
}

Call<User> ServerClient::reactivate_user(std::string_view user_id) {
    return start<User>(core_->caller(), requests::reactivate_user(user_id), answers::read_one_user);
}

Call<UserExport> ServerClient::export_user(std::string_view user_id) {
    return start<UserExport>(core_->caller(), requests::export_user(user_id), answers::read_export);
}

Call<GuestAccess> ServerClient::create_guest(UserRequest const& user) {
    return start<GuestAccess>(core_->caller(), requests::create_guest(user), answers::read_guest);
}

Call<std::string> ServerClient::deactivate_users(std::span<std::string const> user_ids) {
    return start<std::string>(core_->caller(), requests::deactivate_users(user_ids),
                              answers::read_task_id);
}

Call<std::string> ServerClient::reactivate_users(std::span<std::string const> user_ids) {
    return start<std::string>(core_->caller(), requests::reactivate_users(user_ids),
                              answers::read_task_id);
}

Call<std::string> ServerClient::delete_users(std::span<std::string const> user_ids,
                                             Deletion deletion) {
    return start<std::string>(core_->caller(), requests::delete_users(user_ids, deletion),
                              answers::read_task_id);
}

Call<Task> ServerClient::get_task(std::string_view task_id) {
    return start<Task>(core_->caller(), requests::get_task(task_id), answers::read_task);
}

Call<Done> ServerClient::restore_users(std::span<std::string const> user_ids) {
    return start<Done>(core_->caller(), requests::restore_users(user_ids), answers::read_done);
}

Call<User> ServerClient::revoke_user_token(std::string_view user_id,
                                           std::optional<Instant> before) {
    std::array const ids = {std::string(user_id)};
    return start<User>(core_->caller(), requests::revoke_users_token(ids, before),
                       [ids](Response const& response) {
                           auto users = answers::read_changed_users(response, ids);
                           return users ? Result<User>(std::move(users->front()))
                                        : std::unexpected(std::move(users).error());
                       });
}

Call<std::vector<User>> ServerClient::revoke_users_token(std::span<std::string const> user_ids,
                                                         std::optional<Instant> before) {
    return change_users(core_->caller(), requests::revoke_users_token(user_ids, before),
                        {user_ids.begin(), user_ids.end()});
}

Call<User> ServerClient::undo_user_token_revocation(std::string_view user_id) {
    return revoke_user_token(user_id, std::nullopt);
}

Call<std::vector<User>> ServerClient::undo_users_token_revocation(
    std::span<std::string const> user_ids) {
    return revoke_users_token(user_ids, std::nullopt);
}

Call<Done> ServerClient::revoke_tokens(std::optional<Instant> before) {
    return start<Done>(core_->caller(), requests::revoke_tokens(before), answers::read_done);
}

Call<Done> ServerClient::undo_tokens_revocation() { return revoke_tokens(std::nullopt); }

Call<std::string> ServerClient::get_app() {
    return start<std::string>(core_->caller(), requests::get_app(), answers::read_app);
}

Call<Done> ServerClient::update_app(std::string_view settings_json) {
    return start<Done>(core_->caller(), requests::update_app(settings_json), answers::read_done);
}

}  // namespace latchkey::sdk
