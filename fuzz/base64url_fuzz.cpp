// Property: what decodes has one spelling (encode gives it back), and what was encoded decodes.
#include "property.hpp"

#include <latchkey/base/base64url.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace latchkey;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const text = fuzz::text_of(data, size);
    std::vector<std::uint8_t> bytes(base64url::decoded_bytes_max(size));
    if (auto const count = base64url::decode(text, bytes)) {
        fuzz::require(base64url::encode(std::span(bytes).first(*count)) == text);
    }
    auto const encoded = base64url::encode(text);
    bytes.resize(base64url::decoded_bytes_max(encoded.size()));
    auto const count = base64url::decode(encoded, bytes);
    fuzz::require(count == size && std::equal(data, data + size, bytes.begin()));
    return 0;
}
