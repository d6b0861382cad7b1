#include "api/credentials.hpp"

#include "http/uri.hpp"

#include <utility>

namespace latchkey::api {

std::string_view query_parameter(std::string_view query, std::string_view name,
                                 std::string& storage) {
    auto const raw = http::find_query_parameter(query, name);
    if (!raw) {
        return {};
    }
    if (raw->find_first_of("%+") == std::string_view::npos) {
        return *raw;
    }
    auto decoded = http::decode_query_value(*raw);
    if (!decoded) {
        return {};
    }
    storage = *std::move(decoded);
    return storage;
}

std::string_view strip_bearer(std::string_view value) noexcept {
    constexpr std::string_view kScheme = "bearer ";
    if (value.size() < kScheme.size()) {
        return value;
    }
    for (std::size_t i = 0; i < kScheme.size(); ++i) {  // RFC 9110 section 11.1: any case
        auto const c = value[i];
        if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != kScheme[i]) {
            return value;
        }
    }
    return value.substr(kScheme.size());
}

}  // namespace latchkey::api
