#include "http/response_format.hpp"

#include "http/ascii.hpp"

#include <array>
#include <charconv>
#include <chrono>

namespace latchkey::http {
namespace {

void append_number(std::string& out, std::size_t number) {
    std::array<char, 24> text{};
    auto const end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
    out.append(text.data(), end);
}

void append_padded(std::string& out, unsigned number, std::size_t width) {
    std::array<char, 12> text{};
    auto const end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
    auto const size = static_cast<std::size_t>(end - text.data());
    out.append(width > size ? width - size : 0, '0').append(text.data(), size);
}

/// Whether one of `fields`, complete lines, has that name.
bool has_field(std::string_view fields, std::string_view name) {
    while (!fields.empty()) {
        if (fields.size() > name.size() && fields[name.size()] == ':' &&
            equals_ignoring_case(fields.substr(0, name.size()), name)) {
            return true;
        }
        auto const end = fields.find('\n');
        fields.remove_prefix(end == fields.npos ? fields.size() : end + 1);
    }
    return false;
}

/// RFC 9110 sections 15.3.5, 15.4.5 and 8.6: no content, and no length for it either.
bool is_bodiless(int status) { return status == 204 || status == 304; }

}  // namespace

void append_response(std::string& out, Response const& response, ResponseFrame const& frame) {
    out.append("HTTP/1.1 ");
    append_number(out, static_cast<std::size_t>(response.status));
    out.append(" ").append(reason_phrase(response.status));
    if (!is_bodiless(response.status)) {
        out.append("\r\nContent-Length: ");
        append_number(out, response.body.size());
        if (!response.body.empty() && !has_field(response.fields, "content-type")) {
            out.append("\r\nContent-Type: application/json");
        }
    }
    out.append("\r\nDate: ").append(frame.date).append("\r\n").append(response.fields);
    switch (frame.connection) {
        case ConnectionField::None: break;
        case ConnectionField::Close: out.append("Connection: close\r\n"); break;
        case ConnectionField::KeepAlive: out.append("Connection: keep-alive\r\n"); break;
    }
    out.append("\r\n");
    if (!frame.head_only && !is_bodiless(response.status)) {
        out.append(response.body);
    }
}

std::string format_http_date(std::int64_t seconds) {
    constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed",
                                                    "Thu", "Fri", "Sat"};
    constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::chrono::sys_seconds const time{std::chrono::seconds{seconds}};
    auto const day = std::chrono::floor<std::chrono::days>(time);
    std::chrono::year_month_day const date(day);
    std::chrono::hh_mm_ss const clock(time - day);
    std::string out;
    out.append(kDays[std::chrono::weekday(day).c_encoding()]).append(", ");
    append_padded(out, static_cast<unsigned>(date.day()), 2);
    out.append(" ").append(kMonths[static_cast<unsigned>(date.month()) - 1]).append(" ");
    append_padded(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
    out.append(" ");
    append_padded(out, static_cast<unsigned>(clock.hours().count()), 2);
    out.append(":");
    append_padded(out, static_cast<unsigned>(clock.minutes().count()), 2);
    out.append(":");
    append_padded(out, static_cast<unsigned>(clock.seconds().count()), 2);
    return out.append(" GMT");
}

}  // namespace latchkey::http
