#pragma once

#include "api/node.hpp"
#include "domain/node_state.hpp"

#include <string>
#include <string_view>

namespace latchkey::api {

/// Of the answer below: the text format that Prometheus scrapes, version 0.0.4.
inline constexpr std::string_view kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

/// What `GET /metrics` says of this node. Labels are names of rules and public API keys, never an
/// id of a user or anything of a token.
[[nodiscard]] std::string format_metrics(Node const& node, domain::NodeState::Reader const& state);

}  // namespace latchkey::api
