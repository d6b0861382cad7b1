#pragma once

#include "support/tcp_socket.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

using SSL = struct ssl_st;
using SSL_CTX = struct ssl_ctx_st;
using X509 = struct x509_st;
using EVP_PKEY = struct evp_pkey_st;

namespace latchkey::test {

/// An authority and what it signs, made when asked for.
class TestCertificates {
public:
    TestCertificates();
    ~TestCertificates();
    TestCertificates(TestCertificates const&) = delete;
    TestCertificates& operator=(TestCertificates const&) = delete;

    /// Writes the authority's certificate as PEM.
    void write_authority(std::filesystem::path const& file) const;

    enum class Validity : bool { Good, Expired };
    /// A server's side of TLS with a certificate for `names`, such as "DNS:localhost,IP:127.0.0.1".
    /// Up to TLS `version_max`, 0: any.
    [[nodiscard]] std::shared_ptr<SSL_CTX> server(std::string const& names,
                                                  Validity validity = Validity::Good,
                                                  int version_max = 0) const;

private:
    struct Pair;
    std::unique_ptr<Pair> authority_;
};

/// The server's end of a TLS connection, blocking.
class TlsPeer {
public:
    TlsPeer(TcpSocket socket, std::shared_ptr<SSL_CTX> const& context);

    /// Shakes hands. False: the client did not want to.
    [[nodiscard]] bool accept();
    /// The name that the client asked for; empty: none.
    [[nodiscard]] std::string asked_name() const;
    bool send(std::string_view bytes);
    /// Up to and with `end`, or what came where the client ends before.
    [[nodiscard]] std::string read_until(std::string_view end);
    /// Says that nothing more comes.
    void send_close_notify();
    [[nodiscard]] TcpSocket& socket() noexcept { return socket_; }

private:
    TcpSocket socket_;
    std::shared_ptr<SSL> tls_;
};

}  // namespace latchkey::test
