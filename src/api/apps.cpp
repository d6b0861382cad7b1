#include "domain/apps.hpp"

#include "api/app_view.hpp"
#include "api/auditing.hpp"
#include "api/endpoint.hpp"
#include "api/errors.hpp"
#include "wire/app_settings.hpp"
#include "wire/json.hpp"

#include <utility>

namespace latchkey::api {

Reply get_app(Call const& call) {
    Answer answer{.members = "\"app\":"};
    auto const view = view_of(*call.caller.app);
    if (call.caller.kind == domain::CallerKind::Server) {
        wire::append_app(answer.members, view, call.style);
    } else {
        wire::append_reduced_app(answer.members, view);
    }
    return answer;
}

Reply update_app(Call const& call) {
    // An absent body and the four bytes `null` say nothing, like an empty object (section 2.3).
    auto const text = call.request.body;
    auto body =
        text.empty() || text == "null" ? boost::json::object() : wire::parse_json_object(text);
    if (!body) {
        return std::unexpected(wire::input_error(std::string(wire::describe(body.error()))));
    }
    auto patch = wire::parse_app_patch(*body);
    if (!patch) {
        return std::unexpected(std::move(patch).error());
    }
    if (patch->empty && call.readings.empty_app_patch_undoes_revocation) {
        patch->revoke_tokens_issued_before.emplace(std::nullopt);
    }
    return StoreWork([id = call.caller.app->id, patch = *std::move(patch),
                      author = author_of(call)](domain::Transaction& transaction) -> Result {
        std::expected<void, wire::ApiError> applied;
        auto const updated = update_app_audited(
            transaction, author, id, [&](domain::App& app) { applied = apply(patch, app); });
        if (!applied) {
            return std::unexpected(std::move(applied).error());
        }
        if (!updated) {
            return std::unexpected(to_api_error(updated.error()));
        }
        return Answer{};
    });
}

}  // namespace latchkey::api
