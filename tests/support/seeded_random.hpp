#pragma once

#include <latchkey/base/random_source.hpp>

#include <cstdint>
#include <mutex>
#include <random>

namespace latchkey::test {

/// The same bytes for the same seed. Thread-safe.
class SeededRandom final : public RandomSource {
public:
    explicit SeededRandom(std::uint64_t seed = 1) : engine_(seed) {}

    void fill(std::span<std::byte> out) override {
        std::scoped_lock const lock(mutex_);
        for (auto& byte : out) {
            byte = static_cast<std::byte>(engine_() & 0xff);
        }
    }

private:
    std::mutex mutex_;
    std::mt19937_64 engine_;
};

}  // namespace latchkey::test
