#include "api/client_names.hpp"

#include "api/credentials.hpp"

#include <algorithm>

namespace latchkey::api {
namespace {

/// How many bytes the character at `text` has (RFC 3629 section 4); 0: it is broken.
std::size_t character_bytes(std::string_view text) {
    auto const byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    auto const first = byte(0);
    if (first < 0x80) {
        return 1;
    }
    std::size_t const size = first >= 0xc2 && first <= 0xdf   ? 2
                             : (first & 0xf0) == 0xe0         ? 3
                             : first >= 0xf0 && first <= 0xf4 ? 4
                                                              : 0;
    if (size == 0 || text.size() < size) {
        return 0;
    }
    for (std::size_t at = 1; at < size; ++at) {
        if ((byte(at) & 0xc0) != 0x80) {
            return 0;
        }
    }
    // Overlong forms, surrogates, and what lies behind U+10FFFF.
    bool const is_broken = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) > 0x9f) ||
                           (first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) > 0x8f);
    return is_broken ? 0 : size;
}

}  // namespace

std::string client_name(http::Request const& request) {
    std::string storage;
    auto given = query_parameter(request.query, "X-Stream-Client", storage);
    if (given.empty()) {
        given = request.field("X-Stream-Client");
    }
    if (given.empty()) {
        given = request.field("User-Agent");
    }
    std::string name;
    while (!given.empty()) {
        auto const size = character_bytes(given);
        bool const is_control =
            size == 1 && (static_cast<unsigned char>(given[0]) < 0x20 || given[0] == 0x7f);
        auto const next = size == 0 || is_control ? std::string_view("?") : given.substr(0, size);
        if (name.size() + next.size() > kClientNameShownBytesMax) {
            break;
        }
        name += next;
        given.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return name;
}

ClientNames::Number ClientNames::take(std::string_view name) {
    if (name.empty()) {
        return 0;
    }
    std::scoped_lock const lock(mutex_);
    if (auto const found = numbers_.find(name); found != numbers_.end()) {
        ++entries_[found->second - 1U].uses;
        return found->second;
    }
    if (free_.empty()) {
        if (entries_.size() >= kNamesMax) {
            return 0;
        }
        entries_.emplace_back();
        free_.push_back(static_cast<Number>(entries_.size()));
    }
    auto const number = free_.back();
    free_.pop_back();
    entries_[number - 1U] = {.name = std::string(name), .uses = 1};
    numbers_.emplace(name, number);
    return number;
}

void ClientNames::give_back(Number number) {
    if (number == 0) {
        return;
    }
    std::scoped_lock const lock(mutex_);
    auto& entry = entries_[number - 1U];
    if (--entry.uses == 0) {
        numbers_.erase(entry.name);
        entry.name.clear();
        free_.push_back(number);
    }
}

std::string ClientNames::find(Number number) const {
    if (number == 0) {
        return {};
    }
    std::scoped_lock const lock(mutex_);
    return entries_[number - 1U].name;
}

}  // namespace latchkey::api
