#include "property.hpp"
#include "wire/json.hpp"

#include <string>
#include <string_view>

/// Whatever the parser takes, it takes again in the spelling of the writer, and as the same value.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const text = latchkey::fuzz::text_of(data, size);
    auto const object = latchkey::wire::parse_json_object(text);
    if (!object) {
        return 0;
    }
    std::string written;
    latchkey::wire::append_json(written, *object);
    auto const again = latchkey::wire::parse_json_object(written);
    latchkey::fuzz::require(again && *again == *object);
    return 0;
}
