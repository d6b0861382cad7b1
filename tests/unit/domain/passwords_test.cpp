#include "domain/passwords.hpp"

#include <gtest/gtest.h>

#include <string>

namespace latchkey::domain {
namespace {

std::optional<PasswordFlaw> flaw(std::string password, std::string_view name = "ann") {
    return find_password_flaw(Secret(std::move(password)), name);
}

TEST(FindPasswordFlaw, WantsTenBytes) {
    EXPECT_EQ(flaw(std::string(9, 'x')), PasswordFlaw::TooShort);
    EXPECT_EQ(flaw(std::string(10, 'x')), std::nullopt);
}

TEST(FindPasswordFlaw, AllowsAThousandBytesOfAnything) {
    EXPECT_EQ(flaw(std::string(1024, '\xff')), std::nullopt);
    EXPECT_EQ(flaw(std::string(1025, 'x')), PasswordFlaw::TooLong);
}

TEST(FindPasswordFlaw, RefusesTheNameOfTheAccount) {
    EXPECT_EQ(flaw("Ann@Example.com", "ann@example.COM"), PasswordFlaw::IsTheName);
    EXPECT_EQ(flaw("Ann@Example.com2", "ann@example.COM"), std::nullopt);
}

}  // namespace
}  // namespace latchkey::domain
