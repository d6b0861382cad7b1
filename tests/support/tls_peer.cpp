#include "support/tls_peer.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cstdio>
#include <stdexcept>

namespace latchkey::test {
namespace {

constexpr long kDay = 24L * 60 * 60;

void add_extension(X509* certificate, X509* issuer, int name, std::string const& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    auto* const extension = X509V3_EXT_conf_nid(nullptr, &context, name, value.c_str());
    if (extension == nullptr || X509_add_ext(certificate, extension, -1) != 1) {
        throw std::runtime_error("OpenSSL makes no certificate");
    }
    X509_EXTENSION_free(extension);
}

void set_name(X509* certificate, std::string const& name) {
    auto const* const text = reinterpret_cast<unsigned char const*>(name.c_str());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, text, -1, -1,
                               0);
}

}  // namespace

struct TestCertificates::Pair {
    std::shared_ptr<X509> certificate{X509_new(), X509_free};
    std::shared_ptr<EVP_PKEY> key{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"),
                                  EVP_PKEY_free};

    /// Dated by the machine's clock, as OpenSSL checks it.
    void prepare(std::string const& name, Validity validity) const {
        X509_set_version(certificate.get(), 2);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
        bool const good = validity == Validity::Good;
        X509_gmtime_adj(X509_getm_notBefore(certificate.get()), good ? -kDay : -2 * kDay);
        X509_gmtime_adj(X509_getm_notAfter(certificate.get()), good ? kDay : -kDay);
        X509_set_pubkey(certificate.get(), key.get());
        set_name(certificate.get(), name);
    }
    void sign(Pair const& issuer) const {
        X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer.certificate.get()));
        if (X509_sign(certificate.get(), issuer.key.get(), EVP_sha256()) == 0) {
            throw std::runtime_error("OpenSSL signs nothing");
        }
    }
};

TestCertificates::TestCertificates() : authority_(std::make_unique<Pair>()) {
    authority_->prepare("Test Authority", Validity::Good);
    auto* const certificate = authority_->certificate.get();
    add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
    authority_->sign(*authority_);
}

TestCertificates::~TestCertificates() = default;

void TestCertificates::write_authority(std::filesystem::path const& file) const {
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> const out(std::fopen(file.c_str(), "w"),
                                                              std::fclose);
    if (!out || PEM_write_X509(out.get(), authority_->certificate.get()) != 1) {
        throw std::runtime_error("cannot write a certificate");
    }
}

std::shared_ptr<SSL_CTX> TestCertificates::server(std::string const& names, Validity validity,
                                                  int version_max) const {
    Pair const leaf;
    leaf.prepare("Test Server", validity);
    add_extension(leaf.certificate.get(), authority_->certificate.get(), NID_subject_alt_name,
                  names);
    leaf.sign(*authority_);
    std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    SSL_CTX_use_certificate(context.get(), leaf.certificate.get());
    SSL_CTX_use_PrivateKey(context.get(), leaf.key.get());
    SSL_CTX_set_security_level(context.get(), 0);  // TLS 1.1 counts as weak
    SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context.get(), version_max);
    return context;
}

TlsPeer::TlsPeer(TcpSocket socket, std::shared_ptr<SSL_CTX> const& context)
    : socket_(std::move(socket)), tls_(SSL_new(context.get()), SSL_free) {
    timeval const generous{.tv_sec = kGenerous.count(), .tv_usec = 0};
    setsockopt(socket_.descriptor(), SOL_SOCKET, SO_RCVTIMEO, &generous, sizeof generous);
    SSL_set_fd(tls_.get(), socket_.descriptor());
}

bool TlsPeer::accept() { return SSL_accept(tls_.get()) == 1; }

std::string TlsPeer::asked_name() const {
    auto const* const name = SSL_get_servername(tls_.get(), TLSEXT_NAMETYPE_host_name);
    return name == nullptr ? std::string() : std::string(name);
}

bool TlsPeer::send(std::string_view bytes) {
    return SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
}

std::string TlsPeer::read_until(std::string_view end) {
    std::string out;
    std::array<char, 1> byte{};
    while (!out.ends_with(end) && SSL_read(tls_.get(), byte.data(), 1) == 1) {
        out += byte[0];
    }
    return out;
}

void TlsPeer::send_close_notify() { SSL_shutdown(tls_.get()); }

}  // namespace latchkey::test
