#pragma once

#include <latchkey/base/ids.hpp>
#include <latchkey/base/instant.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace latchkey::api {

/// A token as it was handed out.
struct ProvidedToken {
    std::string text;
    Instant issued_at;
    Instant expires_at;
};

/// The tokens that a provider made in the last moments: an app's socket and its calls ask for one
/// at nearly the same time, and get the same. Of one provider; on the store's thread, where tokens
/// are made one behind the other.
class TokenWindow {
public:
    static constexpr std::chrono::seconds kLength{5};
    static constexpr std::size_t kTokensMax = 10'000;  ///< more are handed out and not kept

    /// What a token was made for: where any of it is another, so is the token.
    struct Wish {
        UserId const& user_id;
        std::int64_t secret_id;  ///< the one that signs
        std::chrono::seconds lifetime;
        std::optional<Instant> revoked_before;  ///< in force for the user
    };

    /// Null: none was made in the last moments that is good still.
    [[nodiscard]] ProvidedToken const* find(Wish const& wish, Instant now) const;
    void keep(Wish const& wish, ProvidedToken const& token, Instant now);
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

private:
    struct Entry {
        ProvidedToken token;
        Instant made_at;
        std::int64_t secret_id;
        std::chrono::seconds lifetime;

        [[nodiscard]] bool is_recent(Instant now) const {
            return now >= made_at && now < made_at + kLength;
        }
        /// Whoever gets it is to have most of it yet.
        [[nodiscard]] bool has_half_its_life(Instant now) const {
            return token.expires_at - now >= (token.expires_at - made_at) / 2;
        }
    };
    boost::unordered_flat_map<std::string, Entry> entries_;
};

}  // namespace latchkey::api
