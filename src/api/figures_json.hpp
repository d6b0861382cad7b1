#pragma once

#include "api/presence.hpp"
#include "domain/figures.hpp"

#include <string>

namespace latchkey::api::admin {

/// The figures of an App as one object: what is open now, and what was decided since the start. Of
/// the rules that refuse, only those that did.
void append_figures(std::string& out, domain::AppFigures const& figures,
                    Presence::Open const& open);

}  // namespace latchkey::api::admin
