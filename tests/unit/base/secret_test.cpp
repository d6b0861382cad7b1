#include <latchkey/base/secret.hpp>

#include <gtest/gtest.h>

#include <concepts>
#include <ostream>
#include <type_traits>
#include <utility>

namespace latchkey {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, T const& value) { out << value; };

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(!std::equality_comparable<Secret> && !std::totally_ordered<Secret>);
static_assert(!Printable<Secret> && Printable<std::string>);
static_assert(!std::is_convertible_v<Secret, std::string> &&
              !std::is_convertible_v<Secret, std::string_view> &&
              !std::is_convertible_v<std::string, Secret>);

TEST(Secret, RevealsItsBytesAlsoNuls) {
    std::string const bytes("a\0b", 3);
    EXPECT_EQ(Secret(bytes).reveal(), bytes);
}

TEST(Secret, MovesItsBytesAndLeavesNoneBehind) {
    for (std::size_t const length : {8U, 100U}) {  // kept in the object, and on the heap
        Secret first(std::string(length, 's'));
        Secret second(std::move(first));
        EXPECT_EQ(second.reveal(), std::string(length, 's'));
        // NOLINTNEXTLINE(bugprone-use-after-move,clang-analyzer-cplusplus.Move): on purpose
        EXPECT_EQ(first.reveal().find('s'), std::string_view::npos);
        Secret third(std::string(50, 't'));
        third = std::move(second);
        EXPECT_EQ(third.reveal(), std::string(length, 's'));
        // NOLINTNEXTLINE(bugprone-use-after-move,clang-analyzer-cplusplus.Move)
        EXPECT_EQ(second.reveal().find('s'), std::string_view::npos);
    }
}

TEST(Secret, ClonesWhenAskedByName) {
    Secret const first("secret");
    auto const second = first.clone();
    EXPECT_EQ(second.reveal(), "secret");
    EXPECT_NE(second.reveal().data(), first.reveal().data());
}

}  // namespace
}  // namespace latchkey
