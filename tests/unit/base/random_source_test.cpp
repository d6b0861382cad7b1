#include <latchkey/base/random_source.hpp>

#include "support/seeded_random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

namespace latchkey {
namespace {

/// Gives one byte for ever.
class ConstantRandom final : public RandomSource {
public:
    explicit ConstantRandom(std::byte value) : value_(value) {}
    void fill(std::span<std::byte> out) override { std::ranges::fill(out, value_); }

private:
    std::byte value_;
};

TEST(MakeUuid, IsVersionFourWhateverTheRandomBytes) {
    ConstantRandom zeros(std::byte{0});
    ConstantRandom ones(std::byte{0xff});
    EXPECT_EQ(make_uuid(zeros), "00000000-0000-4000-8000-000000000000");
    EXPECT_EQ(make_uuid(ones), "ffffffff-ffff-4fff-bfff-ffffffffffff");
}

TEST(MakeUuid, HasTheFormOfRfc9562) {
    test::SeededRandom random;
    for (int i = 0; i < 100; ++i) {
        auto const uuid = make_uuid(random);
        ASSERT_EQ(uuid.size(), 36U);
        for (std::size_t at = 0; at < uuid.size(); ++at) {
            auto const is_dash = at == 8 || at == 13 || at == 18 || at == 23;
            EXPECT_EQ(uuid[at] == '-', is_dash);
            EXPECT_NE(std::string_view("0123456789abcdef-").find(uuid[at]), uuid.npos);
        }
        EXPECT_EQ(uuid[14], '4');
        EXPECT_NE(std::string_view("89ab").find(uuid[19]), uuid.npos);
    }
}

TEST(MakeRandomText, DrawsEachLetterAboutAsOften) {
    test::SeededRandom random;
    auto const text = make_random_text(random, 36'000);
    ASSERT_EQ(text.size(), 36'000U);
    std::map<char, int> counts;
    for (char const c : text) {
        ++counts[c];
    }
    EXPECT_EQ(counts.size(), 36U);
    for (auto const& [letter, count] : counts) {
        EXPECT_GT(count, 850) << letter;
        EXPECT_LT(count, 1150) << letter;
    }
}

TEST(MakeRandomText, HasTheLengthAskedFor) {
    test::SeededRandom random;
    for (std::size_t const length : {0U, 1U, 63U, 64U, 65U}) {
        EXPECT_EQ(make_random_text(random, length).size(), length);
    }
}

TEST(SystemRandomSource, FillsMoreThanOneCallOfTheKernelGives) {
    SystemRandomSource random;
    std::array<std::byte, 1000> bytes{};
    random.fill(bytes);
    auto const zeros = std::ranges::count(bytes, std::byte{0});
    EXPECT_LT(zeros, 100) << "about 4 of 1000 are expected";
    random.fill({});
}

}  // namespace
}  // namespace latchkey
