#include "property.hpp"
#include "wire/dates.hpp"
#include "wire/json.hpp"

#include <string>
#include <string_view>

namespace {

using latchkey::Instant;
namespace fuzz = latchkey::fuzz;
namespace wire = latchkey::wire;

/// A date that was read lies in range, and comes back from its RFC 3339 form as the same instant.
void check(std::optional<Instant> instant) {
    if (!instant) {
        return;
    }
    std::string written;
    wire::append_date(written, *instant, wire::Style::Legacy);
    auto const text = std::string_view(written).substr(1, written.size() - 2);
    fuzz::require(latchkey::is_in_range(*instant));
    fuzz::require(wire::parse_request_date(text) == instant);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const text = fuzz::text_of(data, size);
    check(wire::parse_request_date(text));
    if (auto const body = wire::parse_json_object("{\"x\":" + std::string(text) + '}')) {
        check(wire::parse_request_date(body->at("x")));
    }
    return 0;
}
