// Property, of heads as lines `name:value` behind a line `method target`: what is accepted has one
// framing, and a handshake that is accepted can be answered.
#include "http/ascii.hpp"
#include "http/handshake.hpp"
#include "http/head_check.hpp"
#include "property.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

using namespace latchkey;

namespace {

std::string_view take_until(std::string_view& text, char end) {
    auto const at = text.find(end);
    auto const taken = text.substr(0, at);
    text.remove_prefix(at == text.npos ? text.size() : at + 1);
    return taken;
}

std::ptrdiff_t count(std::vector<http::Field> const& fields, std::string_view name) {
    return std::ranges::count_if(fields, [name](http::Field const& field) {
        return http::equals_ignoring_case(field.name, name);
    });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto text = fuzz::text_of(data, size);
    auto line = take_until(text, '\n');
    auto const method = take_until(line, ' ');
    std::vector<http::Field> fields;
    while (!text.empty()) {
        auto rest = take_until(text, '\n');
        auto const name = take_until(rest, ':');
        fields.push_back({.name = name, .value = http::trim(rest)});
    }
    auto const facts = http::check_head({.method = method, .target = line, .fields = fields});
    if (!facts) {
        fuzz::require(facts.error().status >= 400 && !facts.error().why.empty());
        return 0;
    }
    fuzz::require(count(fields, "content-length") + count(fields, "transfer-encoding") <= 1);
    fuzz::require(count(fields, "host") == 1 && !facts->path.empty());
    http::Request request;
    request.method = facts->method;
    request.fields = fields;
    if (auto const upgrade = http::check_upgrade(request)) {
        std::string out;
        http::append_switching_protocols(out, *upgrade);
        fuzz::require(out.ends_with("\r\n\r\n") && upgrade->key.size() == 24);
    }
    return 0;
}
