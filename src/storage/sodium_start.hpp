#pragma once

namespace latchkey::storage {

/// Makes libsodium ready; harmless when repeated. Thread-safe.
/// @throws domain::StoreFailure where it cannot be used on this machine.
void prepare_sodium();

}  // namespace latchkey::storage
