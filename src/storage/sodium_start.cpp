#include "storage/sodium_start.hpp"

#include "domain/store.hpp"

#include <sodium.h>

namespace latchkey::storage {

void prepare_sodium() {
    static bool const ready = sodium_init() >= 0;
    if (!ready) {
        throw domain::StoreFailure("libsodium cannot be used on this machine: its start failed");
    }
}

}  // namespace latchkey::storage
