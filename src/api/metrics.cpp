#include "api/metrics.hpp"

#include "api/token_provider/token_providers.hpp"
#include "domain/figures.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace latchkey::api {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily family(std::string name, std::string help, MetricType type) {
    MetricFamily made;
    made.name = std::move(name);
    made.help = std::move(help);
    made.type = type;
    return made;
}

void add(MetricFamily& to, std::string_view label, std::string_view value, std::uint64_t count) {
    ClientMetric metric;
    if (!label.empty()) {
        metric.label.push_back({std::string(label), std::string(value)});
    }
    if (to.type == MetricType::Counter) {
        metric.counter.value = static_cast<double>(count);
    } else {
        metric.gauge.value = static_cast<double>(count);
    }
    to.metric.push_back(std::move(metric));
}

MetricFamily provider_family(Node const& node) {
    auto requests = family("latchkey_token_provider_total",
                           "Requests for a token of /token/PROVIDER, by what they came to.",
                           MetricType::Counter);
    if (node.token_providers == nullptr) {
        return requests;
    }
    for (auto const& provider : node.token_providers->all()) {
        for (auto const outcome : kProviderOutcomes) {
            add(requests, "provider", provider->settings().name, provider->count(outcome));
            requests.metric.back().label.push_back({"outcome", std::string(outcome_name(outcome))});
        }
    }
    return requests;
}

}  // namespace

std::string format_metrics(Node const& node, domain::NodeState::Reader const& state) {
    auto accepted = family("latchkey_accepted_total", "Credentials that were let in, by who came.",
                           MetricType::Counter);
    domain::AppFigures total(1);
    total.add(state.other_figures());
    state.visit_apps([&](domain::AppState const& app) { total.add(*app.figures); });
    total.visit_accepted(
        [&](std::string_view kind, std::uint64_t count) { add(accepted, "kind", kind, count); });
    auto refused =
        family("latchkey_refused_total", "Credentials that were refused, by the rule that decided.",
               MetricType::Counter);
    total.visit_refused(
        [&](std::string_view rule, std::uint64_t count) { add(refused, "rule", rule, count); });
    auto developer = family("latchkey_developer_tokens_total",
                            "Tokens that counted unsigned, because the app's auth checks are off.",
                            MetricType::Counter);
    auto without_iat = family("latchkey_tokens_without_iat_total",
                              "Users' tokens let in that any revocation would end, because they do "
                              "not say when they were issued.",
                              MetricType::Counter);
    auto seen = family("latchkey_secret_tokens_seen_total",
                       "Tokens whose signature a secret of an app verified, by its number.",
                       MetricType::Counter);
    state.visit_apps([&](domain::AppState const& app) {
        auto const key = app.app->api_key.text();
        if (auto const uses = app.figures->developer_tokens(); uses > 0) {
            add(developer, "api_key", key, uses);
        }
        if (auto const count = app.figures->tokens_without_iat(); count > 0) {
            add(without_iat, "api_key", key, count);
        }
        for (std::size_t i = 0; i < app.secret_figures.size(); ++i) {
            add(seen, "api_key", key, app.secret_figures[i]->tokens_seen());
            seen.metric.back().label.push_back({"secret", std::to_string(app.app->secrets[i].id)});
        }
    });
    auto connections =
        family("latchkey_connections", "Open connections of an app's users.", MetricType::Gauge);
    auto online = family("latchkey_users_online", "Users of an app with an open connection.",
                         MetricType::Gauge);
    node.presence.visit([&](AppId id, std::size_t connected, std::size_t users) {
        if (auto const* app = state.find_app(id)) {
            auto const key = app->app->api_key.text();
            add(connections, "api_key", key, connected);
            add(online, "api_key", key, users);
        }
    });
    auto applied =
        family("latchkey_changes_applied",
               "Number of the last change of the store that decisions take into account.",
               MetricType::Gauge);
    add(applied, {}, {}, node.state.applied());
    auto ready = family("latchkey_ready", "1 where the node can serve.", MetricType::Gauge);
    add(ready, {}, {}, node.ready ? 1 : 0);
    auto providers = provider_family(node);
    std::vector<MetricFamily> families = {
        std::move(accepted),    std::move(refused), std::move(developer),
        std::move(without_iat), std::move(seen),    std::move(connections),
        std::move(online),      std::move(applied), std::move(ready)};
    if (!providers.metric.empty()) {
        families.push_back(std::move(providers));
    }
    return prometheus::TextSerializer().Serialize(families);
}

}  // namespace latchkey::api
