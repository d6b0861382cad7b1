// Property: what is read as an instant is in range, and is read again from what format makes of it.
#include "property.hpp"

#include <latchkey/base/rfc3339.hpp>

using namespace latchkey;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (auto const instant = parse_rfc3339(fuzz::text_of(data, size))) {
        fuzz::require(is_in_range(*instant));
        fuzz::require(parse_rfc3339(format_rfc3339(*instant)) == instant);
    }
    return 0;
}
