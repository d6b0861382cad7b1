#pragma once

#include <latchkey/base/secret.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

/// Passwords of accounts: what one may be, and the ports to what hashes them.
namespace latchkey::domain {

inline constexpr std::size_t kPasswordBytesMin = 10;
inline constexpr std::size_t kPasswordBytesMax = 1024;

/// Why a text cannot be a password.
enum class PasswordFlaw : std::uint8_t {
    TooShort,
    TooLong,
    IsTheName,  ///< the name of its account, ASCII case ignored
};

[[nodiscard]] std::optional<PasswordFlaw> find_password_flaw(Secret const& password,
                                                             std::string_view account_name);

/// Hashes and checks passwords, which takes a tenth of a second and much memory on purpose.
/// Thread-safe.
class PasswordHasher {
public:
    virtual ~PasswordHasher() = default;

    /// A text that holds all that checking needs.
    /// @throws std::runtime_error where there is no memory for it.
    [[nodiscard]] virtual std::string hash(Secret const& password) = 0;

    /// Whether `hash` was made of `password`. Without a hash the answer is no, and takes as long:
    /// whoever measures must not learn who has an account.
    /// @throws std::runtime_error where there is no memory for it.
    [[nodiscard]] virtual bool verify(std::optional<std::string> const& hash,
                                      Secret const& password) = 0;
};

enum class PasswordCheck : std::uint8_t {
    Matches,
    Differs,
    Unavailable,  ///< too much is waiting, or there is no memory: try again later
};

/// Where passwords are hashed for those who must not wait: event loops and the store's thread.
class PasswordQueue {
public:
    virtual ~PasswordQueue() = default;

    using Hashed = std::move_only_function<void(std::optional<std::string>)>;
    using Checked = std::move_only_function<void(PasswordCheck)>;

    /// As `PasswordHasher` has them. Thread-safe. `done` is called once, on any thread, perhaps
    /// before this returns; it is quick and hands the result on. A hash is absent where it was not
    /// made for lack of room.
    virtual void hash(Secret password, Hashed done) = 0;
    virtual void check(std::optional<std::string> hash, Secret password, Checked done) = 0;
};

/// Does it at once, for a caller that may wait: the command line.
class DirectPasswordQueue final : public PasswordQueue {
public:
    /// `hasher` outlives this object. Its exceptions reach the caller.
    explicit DirectPasswordQueue(PasswordHasher& hasher) : hasher_(hasher) {}

    void hash(Secret password, Hashed done) override;
    void check(std::optional<std::string> hash, Secret password, Checked done) override;

private:
    PasswordHasher& hasher_;
};

}  // namespace latchkey::domain
