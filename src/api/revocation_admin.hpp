#pragma once

#include <cstdint>

namespace latchkey::api {

/// What an operator may do about a revocation (revocation_admin.cpp). Bodies: `before` (a date;
/// absent: now; of no use to an undo) and `dry_run`, which says what would happen and changes
/// nothing.
///
/// Other than the settings of the public API, which are put as they are told, a revocation made
/// here never takes one back: where a later one is in force, that one stays.
enum class Revocation : std::uint8_t { Make, Undo };

}  // namespace latchkey::api
