#include "cli/output.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <cstdio>

namespace latchkey::cli {
namespace {

using boost::json::object;

/// Bytes at the start of `text` that make a character which no terminal is to be given; 0: none.
std::size_t unprintable_bytes(std::string_view text) {
    auto const byte = [text](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    if (byte(0) < 0x20 || byte(0) == 0x7f) {
        return 1;
    }
    if (byte(0) == 0xc2 && byte(1) >= 0x80 && byte(1) < 0xa0) {  // U+0080 to U+009F
        return 2;
    }
    bool const turns = (byte(1) == 0x80 && byte(2) >= 0xaa && byte(2) <= 0xae) ||  // U+202A to E
                       (byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9);    // U+2066 to 9
    return byte(0) == 0xe2 && turns ? 3 : 0;
}

}  // namespace

int fail_with(std::string_view message, int status) {
    fmt::print(stderr, "latchkey: {}\n", message);
    return status;
}

void print_json(boost::json::value const& value) {
    fmt::print("{}\n", boost::json::serialize(value));
}

std::string printable(std::string_view text) {
    std::string safe;
    while (!text.empty()) {
        auto const cut = unprintable_bytes(text);
        safe += cut == 0 ? text.front() : '?';
        text.remove_prefix(cut == 0 ? 1 : cut);
    }
    return safe;
}

std::string text(object const& from, std::string_view name) {
    auto const* found = from.if_contains(name);
    if (found == nullptr) {
        return {};
    }
    return found->is_string() ? std::string(found->get_string()) : boost::json::serialize(*found);
}

std::string shown(object const& from, std::string_view name) {
    auto const* found = from.if_contains(name);
    auto const content = found == nullptr || found->is_null() ? std::string() : text(from, name);
    return content.empty() ? "-" : printable(content);
}

std::string plural(std::size_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string list_of(boost::json::array const& texts) {
    std::string list;
    for (auto const& text : texts) {
        list += list.empty() ? "" : ", ";
        list += std::string_view(text.as_string());
    }
    return list;
}

void print_ends(object const& ends, bool dry_run) {
    auto const count = [&ends](std::string_view name) {
        return ends.at(name).to_number<std::size_t>();
    };
    fmt::print("{} {} of {}, opened with {}\n", dry_run ? "would end" : "ends",
               plural(count("connections"), "open connection"), plural(count("users"), "user"),
               plural(count("tokens"), "token"));
}

}  // namespace latchkey::cli
