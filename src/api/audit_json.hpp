#pragma once

#include "domain/audit.hpp"

#include <string>

namespace latchkey::api::admin {

/// An entry of the audit log, as the admin API shows it.
void append_audit_entry(std::string& out, domain::AuditEntry const& entry);

}  // namespace latchkey::api::admin
