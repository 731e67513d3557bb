#include "adapters/http/certificate.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>

#include "adapters/http/tls_context.h"
#include "base/bytes.h"
#include "base/digest.h"

namespace herder::http {
namespace {

template <auto Free>
struct Deleter {
    template <class T>
    void operator()(T* p) const {
        Free(p);
    }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using CertPtr = std::unique_ptr<X509, Deleter<X509_free>>;
using BioPtr = std::unique_ptr<BIO, Deleter<BIO_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;

// The text goes into OpenSSL's extension syntax, where ',' and line breaks separate items.
bool is_plain_name(const std::string& name) {
    return !name.empty() && name.size() <= 253 && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-' || c == ':' || c == '*';
    });
}

bool is_address(const std::string& name) {
    return name.find(':') != std::string::npos ||
           std::ranges::all_of(name, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

bool add_extension(X509* cert, int nid, const std::string& value) {
    X509V3_CTX context{};
    X509V3_set_ctx(&context, cert, cert, nullptr, nullptr, 0);
    const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
    return extension && X509_add_ext(cert, extension.get(), -1) == 1;
}

bool fill_certificate(X509* cert, EVP_PKEY* key, const std::string& alternative_names) {
    std::uint64_t serial = 0;
    if (RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) != 1) return false;
    X509_set_version(cert, X509_VERSION_3);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), serial >> 1 | 1);
    // An hour back, for clients whose clock is a little behind.
    X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
    X509_gmtime_adj(X509_getm_notAfter(cert), 10L * 365 * 24 * 3600);
    X509_set_pubkey(cert, key);
    X509_NAME* subject = X509_get_subject_name(cert);
    const std::string common_name = "herder";
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(common_name.data()),
                               static_cast<int>(common_name.size()), -1, 0);
    X509_set_issuer_name(cert, subject);
    return add_extension(cert, NID_basic_constraints, "critical,CA:TRUE") &&
           add_extension(cert, NID_subject_alt_name, alternative_names) &&
           X509_sign(cert, key, EVP_sha256()) > 0;
}

std::string take_text(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

}  // namespace

Result<Certificate> make_self_signed_certificate(const std::vector<std::string>& names) {
    std::string alternative_names = "IP:127.0.0.1,IP:::1,DNS:localhost";
    for (const std::string& name : names) {
        if (!is_plain_name(name)) return invalid("'" + name + "' is no name for a certificate");
        alternative_names += (is_address(name) ? ",IP:" : ",DNS:") + name;
    }
    const KeyPtr key(EVP_EC_gen("P-256"));
    const CertPtr cert(X509_new());
    if (!key || !cert || !fill_certificate(cert.get(), key.get(), alternative_names)) {
        return internal("making a self-signed certificate: OpenSSL refused");
    }
    const BioPtr cert_text(BIO_new(BIO_s_mem()));
    const BioPtr key_text(BIO_new(BIO_s_mem()));
    if (PEM_write_bio_X509(cert_text.get(), cert.get()) != 1 ||
        PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                 nullptr) != 1) {
        return internal("writing a self-signed certificate as PEM: OpenSSL refused");
    }
    return Certificate{take_text(cert_text.get()), take_text(key_text.get())};
}

std::string spki_pin_of(X509* certificate) {
    unsigned char* der = nullptr;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    if (size <= 0) return {};
    std::string pin =
        sha256_hex({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
    OPENSSL_free(der);
    return pin;
}

Result<std::string> spki_pin(const std::string& certificate_pem) {
    const BioPtr text(
        BIO_new_mem_buf(certificate_pem.data(), static_cast<int>(certificate_pem.size())));
    const CertPtr cert(PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr));
    if (!cert) return invalid("reading a certificate: this is no PEM certificate");
    return spki_pin_of(cert.get());
}

}  // namespace herder::http
