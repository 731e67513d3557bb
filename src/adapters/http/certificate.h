#pragma once
// Self-signed server certificates and the pins by which clients recognise them. Not an authority:
// trust is by the pinned public key alone.
#include <string>
#include <vector>

#include "base/result.h"

namespace herder::http {

struct Certificate {
    std::string certificate_pem;  // the chain, own certificate first
    std::string key_pem;          // secret
    bool operator==(const Certificate&) const = default;
};

// ECDSA P-256, valid for ten years, for 127.0.0.1, ::1, localhost and the given names (or
// addresses).
Result<Certificate> make_self_signed_certificate(const std::vector<std::string>& names = {});

// Hex SHA-256 of the first certificate's public key: what TlsTrust::pinned_spki_sha256 takes.
Result<std::string> spki_pin(const std::string& certificate_pem);

}  // namespace herder::http
