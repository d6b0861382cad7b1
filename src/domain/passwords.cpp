#include "domain/passwords.hpp"

#include <algorithm>
#include <utility>

namespace latchkey::domain {
namespace {

char to_lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

std::optional<PasswordFlaw> find_password_flaw(Secret const& password,
                                               std::string_view account_name) {
    auto const text = password.reveal();
    if (text.size() < kPasswordBytesMin) {
        return PasswordFlaw::TooShort;
    }
    if (text.size() > kPasswordBytesMax) {
        return PasswordFlaw::TooLong;
    }
    if (std::ranges::equal(text, account_name, {}, to_lower, to_lower)) {
        return PasswordFlaw::IsTheName;
    }
    return std::nullopt;
}

void DirectPasswordQueue::hash(Secret password, Hashed done) { done(hasher_.hash(password)); }

void DirectPasswordQueue::check(std::optional<std::string> hash, Secret password, Checked done) {
    done(hasher_.verify(hash, password) ? PasswordCheck::Matches : PasswordCheck::Differs);
}

}  // namespace latchkey::domain
