#include "net/dialer.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <system_error>
#include <thread>
#include <utility>

namespace latchkey::net {
namespace {

bool is_address(std::string const& host) {
    ErrorCode error;
    asio::ip::make_address(host, error);
    return !error;
}

std::string format_authority(ClientOrigin const& origin) {
    auto const host = origin.host.contains(':') ? "[" + origin.host + "]" : origin.host;
    auto const port_of_scheme = origin.tls ? 443 : 80;
    return origin.port == port_of_scheme ? host : host + ":" + std::to_string(origin.port);
}

std::expected<asio::ssl::context, std::string> make_tls(std::string const& ca_file) {
    asio::ssl::context context(asio::ssl::context::tls_client);
    ErrorCode error;
    if (ca_file.empty()) {
        context.set_default_verify_paths(error);
    } else {
        context.load_verify_file(ca_file, error);
    }
    if (error) {
        return std::unexpected("cannot read the certificates to trust: " + error.message());
    }
    context.set_verify_mode(asio::ssl::verify_peer);
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    return context;
}

/// Which name the certificate must have, and the one that the server is to see (RFC 6066 section 3:
/// addresses are not sent). False: OpenSSL has no memory.
bool expect_name(SSL* tls, std::string const& host, bool address) {
    if (address) {
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host.c_str()) == 1;
    }
    SSL_set_hostflags(tls, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(tls, host.c_str()) == 1 &&
           SSL_ctrl(tls, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                    const_cast<char*>(host.c_str())) == 1;
}

/// Blocks for as long as the system's name servers let it.
Endpoints look_up_now(std::string const& host, std::uint16_t port) {
    asio::io_context io;
    Resolver resolver(io);
    ErrorCode error;
    Endpoints found;
    for (auto const& entry : resolver.resolve(host, std::to_string(port), error)) {
        found.push_back(entry.endpoint());
    }
    return found;
}

ClientFailure failure(ClientError error, std::string message) {
    return {.error = error, .message = std::move(message), .sent = false};
}

}  // namespace

std::expected<std::shared_ptr<Dialer>, std::string> make_dialer(ClientLoop const& loop,
                                                                ClientOrigin origin) {
    std::optional<asio::ssl::context> tls;
    if (origin.tls) {
        auto made = make_tls(origin.ca_file);
        if (!made) {
            return std::unexpected(std::move(made.error()));
        }
        tls = *std::move(made);
    }
    return std::make_shared<Dialer>(*loop.world(), std::move(origin), std::move(tls));
}

Dialer::Dialer(ClientLoop::World& world, ClientOrigin origin, std::optional<asio::ssl::context> tls)
    : io_(world.io),
      mailbox_(world.mailbox),
      origin_(std::move(origin)),
      authority_(format_authority(origin_)),
      tls_(std::move(tls)),
      is_address_(is_address(origin_.host)) {
    if (is_address_) {
        endpoints_ = {{asio::ip::make_address(origin_.host), origin_.port}};
    }
}

Task<std::optional<ClientFailure>> Dialer::dial(ClientStream* stream,
                                                std::chrono::steady_clock::time_point deadline) {
    if (!is_address_) {
        auto failed = co_await look_up(deadline);
        if (failed) {
            co_return failed;
        }
    }
    auto const endpoints = endpoints_;  // another look-up may replace them meanwhile
    auto const [error, connected] =
        co_await asio::async_connect(stream->socket(), endpoints, kAwaitTuple);
    if (error) {
        co_return failure(ClientError::CannotConnect, "cannot connect: " + error.message());
    }
    ErrorCode ignored;  // it is slower without, not wrong
    stream->socket().set_option(tcp::no_delay(true), ignored);
    if (!tls_) {
        co_return std::nullopt;
    }
    auto refused = co_await shake_hands(stream);
    co_return refused;
}

Task<std::optional<ClientFailure>> Dialer::look_up(std::chrono::steady_clock::time_point deadline) {
    if (!looking_up_ && !start_lookup()) {
        co_return failure(ClientError::UnknownHost, "no thread to look the host up with");
    }
    auto const waiter = std::make_shared<Timer>(io_);
    waiter->expires_at(deadline);
    lookup_waiters_.push_back(waiter);
    auto const [ended] = co_await waiter->async_wait(kAwaitTuple);
    std::erase(lookup_waiters_, waiter);
    if (!ended) {
        co_return failure(ClientError::TimedOut, "the look-up of the host timed out");
    }
    if (endpoints_.empty()) {
        co_return failure(ClientError::UnknownHost, "unknown host");
    }
    co_return std::nullopt;
}

/// `getaddrinfo` cannot be cancelled and may take half a minute. It gets a thread that nobody waits
/// for, one at a time, which finds the mailbox closed where the loop has gone meanwhile.
bool Dialer::start_lookup() {
    try {
        std::thread([host = origin_.host, port = origin_.port, mailbox = mailbox_,
                     dialer = weak_from_this()] {
            mailbox->post([dialer, found = look_up_now(host, port)]() mutable {
                if (auto const alive = dialer.lock()) {
                    alive->finish_lookup(std::move(found));
                }
            });
        }).detach();
    } catch (std::system_error const&) {
        return false;
    }
    looking_up_ = true;
    return true;
}

void Dialer::finish_lookup(Endpoints found) {
    looking_up_ = false;
    endpoints_ = std::move(found);
    for (auto const& waiter : lookup_waiters_) {
        waiter->cancel();
    }
}

Task<std::optional<ClientFailure>> Dialer::shake_hands(ClientStream* stream) {
    auto& tls = stream->start_tls(*tls_);
    if (!expect_name(tls.native_handle(), origin_.host, is_address_)) {
        co_return failure(ClientError::CannotConnect, "OpenSSL has no memory");
    }
    auto const [error] = co_await tls.async_handshake(asio::ssl::stream_base::client, kAwaitTuple);
    if (!error) {
        co_return std::nullopt;
    }
    auto const verdict = SSL_get_verify_result(tls.native_handle());
    if (verdict != X509_V_OK) {
        co_return failure(ClientError::TlsRefused,
                          std::string("the certificate of the server is not to be trusted: ") +
                              X509_verify_cert_error_string(verdict));
    }
    co_return failure(ClientError::CannotConnect, "no TLS with the server: " + error.message());
}

}  // namespace latchkey::net
