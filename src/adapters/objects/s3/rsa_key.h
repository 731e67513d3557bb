#pragma once
// A private RSA key, read once: reading one takes as long as several signatures. Thread-safe.
#include <memory>
#include <string>

#include "base/result.h"

struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace herder::s3 {

class RsaKey {
  public:
    // PKCS 1, version 1.5, with SHA-256; raw bytes.
    Result<std::string> sign(const std::string& text) const;

  private:
    friend Result<RsaKey> parse_rsa_key(const std::string& private_key_pem);
    explicit RsaKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
    std::shared_ptr<evp_pkey_st> key_;  // shared by the copies, which only read it
};

// kUnauthenticated for anything else than a private RSA key in PEM.
Result<RsaKey> parse_rsa_key(const std::string& private_key_pem);

}  // namespace herder::s3
