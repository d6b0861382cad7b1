#pragma once

#include <boost/json/object.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::test {

/// The key pair of somebody else's identity provider, made anew.
class ForeignKey {
public:
    [[nodiscard]] static ForeignKey rsa(int bits = 2048, unsigned long exponent = 65537);
    [[nodiscard]] static ForeignKey p256();
    [[nodiscard]] static ForeignKey ed25519();

    /// The public half, as a key set has it, without `kid`.
    [[nodiscard]] boost::json::object jwk() const;
    /// The same with one.
    [[nodiscard]] boost::json::object jwk(std::string_view kid) const;
    /// As a JWS has it.
    [[nodiscard]] std::string sign(std::string_view text) const;

    /// A compact JWS of these two JSON texts.
    [[nodiscard]] std::string token_of(std::string_view header, std::string_view claims) const;
    /// The same with the header of this key's algorithm; empty `kid`: it names none.
    [[nodiscard]] std::string token(std::string_view kid, boost::json::object const& claims) const;

private:
    struct Pair;
    explicit ForeignKey(std::shared_ptr<Pair const> pair) : pair_(std::move(pair)) {}
    [[nodiscard]] std::string_view algorithm() const;
    std::shared_ptr<Pair const> pair_;
};

/// `{"keys":[…]}`
[[nodiscard]] std::string key_set(std::vector<boost::json::object> const& keys);

}  // namespace latchkey::test
