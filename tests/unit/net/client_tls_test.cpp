#include "recording_socket_handler.hpp"
#include "support/temporary_directory.hpp"
#include "support/tls_peer.hpp"
#include "support/ws_server.hpp"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <csignal>

namespace latchkey::net {
namespace {

using namespace latchkey::test;
using namespace std::chrono_literals;

constexpr std::string_view kHello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

class ClientTls : public testing::Test {
protected:
    /// OpenSSL writes to a peer that has gone; a program in which that matters ignores the signal.
    static void SetUpTestSuite() { std::signal(SIGPIPE, SIG_IGN); }
    ClientTls() { certificates.write_authority(ca_file); }

    [[nodiscard]] ClientOrigin origin(std::string host = "127.0.0.1") const {
        return {.host = std::move(host), .port = listener.port(), .tls = true, .ca_file = ca_file};
    }

    TestCertificates certificates;
    TemporaryDirectory directory;
    std::filesystem::path ca_file = directory.path() / "ca.pem";
    TcpListener listener;
};

TEST_F(ClientTls, TrustsACertificateOfTheGivenAuthorityForTheRightName) {
    struct Row {
        std::string host;
        std::string names;
        std::string asked;
    };
    for (auto const& [host, names, asked] : {
             Row{"127.0.0.1", "IP:127.0.0.1", ""},
             Row{"localhost", "DNS:localhost", "localhost"},
             Row{"localhost", "DNS:other.example,DNS:LOCALHOST", "localhost"},
         }) {
        TestClient client(origin(host));
        auto first = client.send();
        TlsPeer peer(listener.accept(), certificates.server(names));
        ASSERT_TRUE(peer.accept()) << names;
        EXPECT_EQ(peer.asked_name(), asked);
        EXPECT_TRUE(peer.read_until("\r\n\r\n").starts_with("GET / "));
        peer.send(kHello);
        EXPECT_EQ(get(std::move(first)).value().body, "hello");
        auto second = client.send();  // over the same connection
        EXPECT_NE(peer.read_until("\r\n\r\n"), "");
        peer.send(kHello);
        EXPECT_EQ(get(std::move(second)).value().body, "hello");
    }
}

TEST_F(ClientTls, RefusesWhomItCannotTrust) {
    TestCertificates const unknown;
    struct Row {
        std::string_view what;
        std::string host;
        std::shared_ptr<SSL_CTX> server;
    };
    using enum TestCertificates::Validity;
    for (auto const& [what, host, server] : {
             Row{"another name", "localhost", certificates.server("DNS:other.example")},
             Row{"a name below", "localhost", certificates.server("DNS:a.localhost")},
             Row{"a name for an address", "127.0.0.1", certificates.server("DNS:127.0.0.1")},
             Row{"another address", "127.0.0.1", certificates.server("IP:127.0.0.2")},
             Row{"an unknown authority", "127.0.0.1", unknown.server("IP:127.0.0.1")},
             Row{"an expired one", "127.0.0.1", certificates.server("IP:127.0.0.1", Expired)},
         }) {
        SCOPED_TRACE(what);
        TestClient client(origin(host));
        auto outcome = client.send();
        TlsPeer peer(listener.accept(), server);
        EXPECT_FALSE(peer.accept() && peer.read_until("\r\n\r\n").size() > 0);
        expect_failure(get(std::move(outcome)), ClientError::TlsRefused, false);
    }
}

TEST_F(ClientTls, RefusesAnAuthorityThatTheSystemDoesNotKnow) {
    TestClient client({.host = "127.0.0.1", .port = listener.port(), .tls = true});
    auto outcome = client.send();
    TlsPeer peer(listener.accept(), certificates.server("IP:127.0.0.1"));
    EXPECT_FALSE(peer.accept() && peer.read_until("\r\n\r\n").size() > 0);
    expect_failure(get(std::move(outcome)), ClientError::TlsRefused, false);
}

TEST_F(ClientTls, SpeaksNothingOlderThanTls12) {
    for (int const version : {TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION}) {
        TestClient client(origin());
        auto outcome = client.send();
        TlsPeer peer(
            listener.accept(),
            certificates.server("IP:127.0.0.1", TestCertificates::Validity::Good, version));
        if (version == TLS1_1_VERSION) {
            EXPECT_FALSE(peer.accept());
            expect_failure(get(std::move(outcome)), ClientError::CannotConnect, false);
        } else {
            ASSERT_TRUE(peer.accept());
            EXPECT_NE(peer.read_until("\r\n\r\n"), "");
            peer.send(kHello);
            EXPECT_TRUE(get(std::move(outcome)).has_value());
        }
    }
}

TEST_F(ClientTls, SaysThatItCannotConnectToWhatDoesNotSpeakTls) {
    for (std::string_view const answer : {"HTTP/1.1 400 Bad Request\r\n\r\n", ""}) {
        TestClient client(origin());
        auto outcome = client.send();
        auto peer = listener.accept();
        peer.send(answer);
        peer.shutdown_send();
        expect_failure(get(std::move(outcome)), ClientError::CannotConnect, false);
    }
}

TEST_F(ClientTls, TimesOutWhereTheHandshakeIsNotAnsweredAndSaysThatNothingWasSent) {
    TestClient client(origin());
    auto outcome = client.send({}, 50ms);
    auto peer = listener.accept();
    EXPECT_NE(peer.read_some(), "");
    expect_failure(get(std::move(outcome)), ClientError::TimedOut, false);
}

TEST_F(ClientTls, TakesABodyThatEndsWithTheConnectionOnlyWhereTheServerSaidThatItEnds) {
    for (bool const said : {false, true}) {
        TestClient client(origin());
        auto outcome = client.send();
        TlsPeer peer(listener.accept(), certificates.server("IP:127.0.0.1"));
        ASSERT_TRUE(peer.accept());
        EXPECT_NE(peer.read_until("\r\n\r\n"), "");
        peer.send("HTTP/1.1 200 OK\r\n\r\nhello");
        if (said) {
            peer.send_close_notify();
        }
        peer.socket().shutdown_send();
        auto const response = get(std::move(outcome));
        if (said) {
            EXPECT_EQ(response.value().body, "hello");
        } else {
            expect_failure(response, ClientError::Disconnected, true);
        }
    }
}

TEST_F(ClientTls, CarriesAWebSocket) {
    RecordingSocketHandler handler;
    TestClient client(origin());
    auto const socket = client.open(handler);
    TlsPeer peer(listener.accept(), certificates.server("IP:127.0.0.1"));
    ASSERT_TRUE(peer.accept());
    peer.send(answer_upgrade(peer.read_until("\r\n\r\n")) + server_frame(0x81, "hello"));
    EXPECT_EQ(handler.next(), "open");
    EXPECT_EQ(handler.next(), "message hello");
    peer.send(server_close_frame(1000));
    EXPECT_EQ(handler.next(), "closed 1000");
    client.loop.stop();
}

TEST_F(ClientTls, TellsASocketThatTheServerCannotBeTrusted) {
    RecordingSocketHandler handler;
    TestClient client(origin("localhost"));
    auto const socket = client.open(handler);
    TlsPeer peer(listener.accept(), certificates.server("DNS:other.example"));
    EXPECT_FALSE(peer.accept() && peer.read_until("\r\n\r\n").size() > 0);
    EXPECT_EQ(handler.next(), "failed the certificate is not to be trusted, not sent");
    client.loop.stop();
}

TEST_F(ClientTls, EndsWithTheLoopInTheMiddleOfTheHandshake) {
    TestClient client(origin());
    auto const outcome = client.send();
    auto peer = listener.accept();
    EXPECT_NE(peer.read_some(), "");
    client.loop.stop();
    EXPECT_NE(outcome.wait_for(0s), std::future_status::ready);
}

TEST_F(ClientTls, SaysThatTheCertificatesToTrustCannotBeRead) {
    ClientLoop loop;
    EXPECT_TRUE(make_dialer(loop, origin()).has_value());
    auto other = origin();
    other.ca_file = directory.path() / "none.pem";
    EXPECT_FALSE(make_dialer(loop, other).has_value());
}

}  // namespace
}  // namespace latchkey::net
