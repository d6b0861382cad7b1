#pragma once

#include <latchkey/base/random_source.hpp>
#include <latchkey/base/secret.hpp>
#include <latchkey/token/hmac_key.hpp>

#include <string_view>

namespace latchkey::api {

/// The code that whoever started the server has, and nobody else: it makes the first account. Lives
/// in memory, and is made anew at each start while there is no account.
class SetupCode {
public:
    /// 80 random bits.
    explicit SetupCode(RandomSource& random);

    /// As it is printed: `7K3M-Q0ZT-41VD-9XHB`.
    [[nodiscard]] std::string_view reveal() const { return text_.reveal(); }

    /// Whether `given` is it, as people write it: in either case, with or without dashes and
    /// spaces, O for 0 and I or L for 1. Takes the same time wherever it differs.
    [[nodiscard]] bool matches(std::string_view given) const;

private:
    Secret text_;
    token::HmacKey key_;
    token::HmacKey::Mac mac_;
};

}  // namespace latchkey::api
