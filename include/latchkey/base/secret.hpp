#pragma once

#include <string>
#include <string_view>

namespace latchkey {

/// Bytes that must not leak: an API secret, a master key, a credential.
///
/// Cannot be printed, compared or copied by accident; is wiped when it goes. Compare what is
/// derived from it (a MAC) in constant time, never itself.
class Secret {
public:
    explicit Secret(std::string bytes) noexcept;
    ~Secret();
    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;
    Secret(Secret const&) = delete;
    Secret& operator=(Secret const&) = delete;
    bool operator==(Secret const&) const = delete;

    /// A second copy, asked for by name.
    [[nodiscard]] Secret clone() const { return Secret(bytes_); }

    /// The bytes, for the one place that needs them. The view lives as long as this object.
    [[nodiscard]] std::string_view reveal() const noexcept { return bytes_; }

private:
    std::string bytes_;
};

}  // namespace latchkey
