#include "net/client_types.hpp"

#include "http/ascii.hpp"

#include <algorithm>

namespace latchkey::net {

std::string_view describe(ClientError error) noexcept {
    switch (error) {
        using enum ClientError;
        case BadRequest: return "the request cannot be sent";
        case Overloaded: return "too much waits to be sent";
        case UnknownHost: return "unknown host";
        case CannotConnect: return "cannot connect";
        case TlsRefused: return "the certificate is not to be trusted";
        case TimedOut: return "timed out";
        case Disconnected: return "the connection broke off";
        case NotHttp: return "the answer is not HTTP";
    }
    return {};
}

std::string_view ClientResponse::field(std::string_view name) const noexcept {
    auto const found = std::ranges::find_if(fields, [name](ClientField const& candidate) {
        return http::equals_ignoring_case(candidate.name, name);
    });
    return found == fields.end() ? std::string_view{} : found->value;
}

}  // namespace latchkey::net
