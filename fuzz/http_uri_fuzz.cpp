// Property: decoding never grows a text, and a target for the log is short, printable and without
// tokens.
#include "http/uri.hpp"
#include "property.hpp"

#include <algorithm>
#include <string_view>

using namespace latchkey;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const text = fuzz::text_of(data, size);
    auto const value = http::decode_query_value(text);
    fuzz::require(value.has_value() == http::decode_path_segment(text).has_value());
    fuzz::require(!value || value->size() <= text.size());
    auto const found = http::find_query_parameter(text, "json");
    fuzz::require(!found || !found->contains('&'));
    auto const logged = http::redact_target(text);
    fuzz::require(std::ranges::all_of(logged, [](char c) { return c >= ' ' && c < 0x7f; }));
    fuzz::require(logged.size() <= http::kLoggedTargetBytesMax);
    fuzz::require(logged.find("eyJ") == logged.npos);
    return 0;
}
