#pragma once

#include "http/message.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::api {

inline constexpr std::size_t kClientNameShownBytesMax = 128;

/// How a client names itself: `X-Stream-Client`, in the query or a header, else `User-Agent`; at
/// most `kClientNameShownBytesMax` bytes, valid UTF-8, control characters and broken bytes
/// replaced. Empty: it does not.
[[nodiscard]] std::string client_name(http::Request const& request);

/// The names that clients of open connections give themselves, each kept once: a hundred thousand
/// connections have some dozen. Thread-safe.
class ClientNames {
public:
    /// Different names at a time; a client with one more goes without.
    static constexpr std::size_t kNamesMax = 4096;

    using Number = std::uint16_t;  ///< 0: no name

    /// The number of a name, until `give_back` as often.
    [[nodiscard]] Number take(std::string_view name);
    void give_back(Number number);
    [[nodiscard]] std::string find(Number number) const;

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>{}(text);
        }
    };
    struct Entry {
        std::string name;
        std::size_t uses = 0;
    };

    mutable std::mutex mutex_;
    std::vector<Entry> entries_;  ///< number 1 is the first
    std::vector<Number> free_;
    boost::unordered_flat_map<std::string, Number, Hash, std::equal_to<>> numbers_;
};

}  // namespace latchkey::api
