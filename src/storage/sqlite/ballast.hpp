#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace latchkey::storage {

inline constexpr std::string_view kBallastFileName = "ballast";
inline constexpr std::int64_t kBallastBytes = 1 << 20;

/// Room held back on the disk: given free when the disk is full, so that a revocation can still be
/// stored while an operator makes room.
class Ballast {
public:
    explicit Ballast(std::filesystem::path const& directory);

    /// Takes the room where it is not held and the disk has plenty. Returns whether it is held.
    bool hold();

    /// Gives it free. Returns whether there was any to give.
    bool release();

private:
    std::filesystem::path path_;
};

}  // namespace latchkey::storage
