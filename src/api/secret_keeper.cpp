#include "api/secret_keeper.hpp"

#include "api/auditing.hpp"
#include "domain/secrets.hpp"

#include <utility>
#include <vector>

namespace latchkey::api {
namespace {

void forget(domain::Transaction& transaction, AppId id, Instant now) {
    auto const forgotten = domain::forget_retired_secrets(transaction, id, now);
    if (forgotten.empty()) {
        return;
    }
    auto const app = transaction.apps().find(id);
    for (auto const& secret : forgotten) {
        audit_forgotten_secret(transaction, {.kind = domain::ActorKind::System, .at = now},
                               app->api_key.text(), secret.id);
    }
}

}  // namespace

SecretKeeper::SecretKeeper(Node const& node, std::size_t slot)
    : node_(node), slot_(slot), next_look_(node.clock.monotonic()) {}

void SecretKeeper::on_tick() {
    auto const monotonic = node_.clock.monotonic();
    if (monotonic < next_look_) {
        return;
    }
    next_look_ = monotonic + kLooksEvery;
    auto const now = node_.clock.now();
    std::vector<AppId> due;
    node_.state.read(slot_).visit_apps([&](domain::AppState const& app) {
        if (due.size() < kAppsInOneGo && domain::has_secrets_to_forget(*app.app, now)) {
            due.push_back(app.app->id);
        }
    });
    if (due.empty()) {
        return;
    }
    node_.store.submit(
        [due = std::move(due), now](domain::Transaction& transaction) {
            for (auto const app : due) {
                forget(transaction, app, now);
            }
            return domain::Outcome::Commit;
        },
        [](domain::WorkResult) {});  // what failed is found again by the next look
}

}  // namespace latchkey::api
