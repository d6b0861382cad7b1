#pragma once

#include "api/operator.hpp"
#include "domain/audit.hpp"

#include <latchkey/base/instant.hpp>

#include <string>
#include <string_view>

namespace latchkey::api {

/// The beginning of an audit record: who, from where, what and when. `action` is one of
/// docs/reference/admin-api.md.
[[nodiscard]] domain::AuditRecord audit_record(Operator const& caller, Instant now,
                                               std::string_view action, std::string target = {});

}  // namespace latchkey::api
