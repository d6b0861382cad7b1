#include <latchkey/base/secret.hpp>

#include <cstring>
#include <utility>

namespace latchkey {
namespace {

void wipe(std::string& bytes) noexcept {
    // Covers the whole allocation and the small-string buffer; explicit_bzero is not optimised
    // away.
    // Also after a move, which is the point.
    ::explicit_bzero(bytes.data(), bytes.capacity());  // NOLINT(clang-analyzer-cplusplus.Move)
}

}  // namespace

Secret::Secret(std::string bytes) noexcept : bytes_(std::move(bytes)) {
    wipe(bytes);  // NOLINT(bugprone-use-after-move): a short string's bytes stay in its buffer
}

Secret::~Secret() { wipe(bytes_); }

Secret::Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { wipe(other.bytes_); }

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        wipe(bytes_);
        bytes_ = std::move(other.bytes_);
        wipe(other.bytes_);
    }
    return *this;
}

}  // namespace latchkey
