#include "http/message.hpp"

#include "http/ascii.hpp"

#include <algorithm>
#include <stdexcept>

namespace latchkey::http {

std::string_view Request::field(std::string_view name) const noexcept {
    auto const found = std::ranges::find_if(fields, [name](Field const& candidate) {
        return equals_ignoring_case(candidate.name, name);
    });
    return found == fields.end() ? std::string_view{} : found->value;
}

void Response::add_field(std::string_view name, std::string_view value) {
    // Thrown in release builds too: a line break that slipped through would be response splitting.
    if (name.empty() || !std::ranges::all_of(name, is_token_character)) {
        throw std::invalid_argument("a field name of a response is not a token");
    }
    if (std::ranges::any_of(value, is_control_character)) {
        throw std::invalid_argument("a field value of a response has a control character");
    }
    fields.append(name).append(": ").append(value).append("\r\n");
}

void Response::clear() {
    status = 200;
    fields.clear();
    body.clear();
    close = false;
}

std::string_view reason_phrase(int status) noexcept {
    switch (status) {
        case 100: return "Continue";
        case 101: return "Switching Protocols";
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 301: return "Moved Permanently";
        case 302: return "Found";
        case 303: return "See Other";
        case 304: return "Not Modified";
        case 307: return "Temporary Redirect";
        case 308: return "Permanent Redirect";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 406: return "Not Acceptable";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 410: return "Gone";
        case 411: return "Length Required";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 414: return "URI Too Long";
        case 415: return "Unsupported Media Type";
        case 417: return "Expectation Failed";
        case 421: return "Misdirected Request";
        case 422: return "Unprocessable Content";
        case 426: return "Upgrade Required";
        case 429: return "Too Many Requests";                // RFC 6585 section 4
        case 431: return "Request Header Fields Too Large";  // RFC 6585 section 5
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 502: return "Bad Gateway";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        case 505: return "HTTP Version Not Supported";
        default: return "Unknown";
    }
}

}  // namespace latchkey::http
