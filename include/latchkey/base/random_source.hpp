#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace latchkey {

/// Where unpredictable bytes come from. Handed down from the composition, like the clock.
class RandomSource {
public:
    virtual ~RandomSource() = default;

    /// Fills `out` with bytes that nobody can predict. Thread-safe.
    /// @throws std::system_error where the machine has no randomness to give.
    virtual void fill(std::span<std::byte> out) = 0;
};

/// The kernel's generator (getentropy).
class SystemRandomSource final : public RandomSource {
public:
    void fill(std::span<std::byte> out) override;
};

/// The text of a UUID (RFC 9562 section 4): 36 characters, lower case. Sets nothing in it.
[[nodiscard]] std::string format_uuid(std::span<std::byte const, 16> bytes);

/// A random UUID, version 4 (RFC 9562 section 5.4): 36 characters, lower case.
[[nodiscard]] std::string make_uuid(RandomSource& random);

/// `length` characters of a-z and 0-9, each drawn evenly: 5.17 bits a character.
[[nodiscard]] std::string make_random_text(RandomSource& random, std::size_t length);

}  // namespace latchkey
