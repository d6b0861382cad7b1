#pragma once

#include "api/operation.hpp"

#include <latchkey/base/ids.hpp>
#include <latchkey/base/instant.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <cstdint>
#include <string>

namespace latchkey::api {

/// How much of an operation's allowance is left, as the answer's headers say (protocol
/// section 5.4).
struct RateStatus {
    std::uint32_t limit;
    std::uint32_t remaining;
    std::int64_t resets_at_s;  ///< Unix seconds: the end of the running minute
};

/// Counts requests of each App and operation in fixed minutes, for one loop. Belongs to its loop;
/// with several loops each counts its share, so what remains is estimated as if all were as busy.
class RateLimits {
public:
    explicit RateLimits(std::size_t loop_count) : loop_count_(loop_count) {}

    /// Counts one request.
    RateStatus count(AppId app, Operation operation, Instant now);

    /// What a caller without an App is told.
    static RateStatus uncounted(Operation operation, Instant now);

private:
    struct Window {
        std::int64_t minute = -1;
        std::uint32_t used = 0;
    };
    std::size_t loop_count_;
    boost::unordered_flat_map<std::int64_t, std::array<Window, kOperationCount>> apps_;
};

void append_rate_limit_fields(std::string& fields, RateStatus const& status);

}  // namespace latchkey::api
