#include "net/client.hpp"

#include "http/ascii.hpp"
#include "net/asio_types.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <optional>

namespace latchkey::net {
namespace {

namespace beast = boost::beast;

/// Runs asynchronous operations one after another, blocking, until one deadline for all.
class Blocking {
public:
    explicit Blocking(std::chrono::milliseconds timeout)
        : deadline_(std::chrono::steady_clock::now() + timeout) {}

    [[nodiscard]] asio::io_context& io() noexcept { return io_; }

    /// Calls `start` with a handler for an operation's end and waits for that. Empty: the deadline
    /// came, and `cancel` was called.
    template <class Start, class Cancel>
    std::optional<ErrorCode> run(Start start, Cancel cancel) {
        std::optional<ErrorCode> result;
        start([&result](ErrorCode error, auto const&...) { result = error; });
        io_.restart();
        io_.run_until(deadline_);
        if (result) {
            return result;
        }
        cancel();
        io_.restart();
        io_.run();  // the handler refers to this frame: wait until it was called
        return std::nullopt;
    }

private:
    asio::io_context io_{1};
    std::chrono::steady_clock::time_point deadline_;
};

std::string format_request(ClientRequest const& request) {
    std::string out = request.method + " " + request.target + " HTTP/1.1\r\nHost: " + request.host +
                      ":" + std::to_string(request.port) + "\r\nConnection: close\r\n";
    if (!request.body.empty() || request.method == "POST" || request.method == "PATCH" ||
        request.method == "PUT") {
        out += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
    }
    for (auto const& field : request.fields) {
        out += field.name + ": " + field.value + "\r\n";
    }
    return out + "\r\n" + request.body;
}

using Parser = beast::http::response_parser<beast::http::string_body>;

ClientResponse to_response(Parser::value_type&& message) {
    ClientResponse response{
        .status = static_cast<int>(message.result_int()), .fields = {}, .body = {}};
    for (auto const& field : message) {
        response.fields.push_back(
            {.name = std::string(field.name_string()), .value = std::string(field.value())});
    }
    response.body = std::move(message.body());
    return response;
}

ClientError to_client_error(ErrorCode const& error) {
    bool const broke_off = error == beast::http::error::end_of_stream ||
                           error == beast::http::error::partial_message ||
                           error.category() == asio::error::get_system_category() ||
                           error.category() == asio::error::get_misc_category();
    return broke_off ? ClientError::Disconnected : ClientError::NotHttp;
}

}  // namespace

std::string_view describe(ClientError error) noexcept {
    switch (error) {
        using enum ClientError;
        case UnknownHost: return "unknown host";
        case CannotConnect: return "cannot connect";
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

std::expected<ClientResponse, ClientError> fetch(ClientRequest const& request,
                                                 std::chrono::milliseconds timeout) {
    Blocking blocking(timeout);
    Resolver resolver(blocking.io());
    Resolver::results_type endpoints;
    auto error = blocking.run(
        [&](auto handler) {
            resolver.async_resolve(request.host, std::to_string(request.port),
                                   [&endpoints, handler](ErrorCode result, auto found) {
                                       endpoints = std::move(found);
                                       handler(result);
                                   });
        },
        [&] { resolver.cancel(); });
    if (!error || *error) {
        return std::unexpected(error ? ClientError::UnknownHost : ClientError::TimedOut);
    }
    Socket socket(blocking.io());
    auto const cancel = [&socket] {
        ErrorCode ignored;  // closed it is either way
        socket.close(ignored);
    };
    error = blocking.run([&](auto handler) { asio::async_connect(socket, endpoints, handler); },
                         cancel);
    if (!error || *error) {
        return std::unexpected(error ? ClientError::CannotConnect : ClientError::TimedOut);
    }
    auto const text = format_request(request);
    error = blocking.run(
        [&](auto handler) { asio::async_write(socket, asio::buffer(text), handler); }, cancel);
    if (!error) {
        return std::unexpected(ClientError::TimedOut);
    }
    // A server may answer and close before it has read everything: its answer counts.
    beast::flat_buffer buffer(kClientHeaderBytesMax * 2);
    Parser parser;
    parser.header_limit(kClientHeaderBytesMax);
    parser.body_limit(kClientBodyBytesMax);
    parser.skip(request.method == "HEAD");
    error = blocking.run(
        [&](auto handler) { beast::http::async_read(socket, buffer, parser, handler); }, cancel);
    if (!error) {
        return std::unexpected(ClientError::TimedOut);
    }
    if (*error) {
        return std::unexpected(to_client_error(*error));
    }
    return to_response(parser.release());
}

}  // namespace latchkey::net
