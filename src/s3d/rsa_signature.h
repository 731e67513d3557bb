#pragma once
// RSA signatures with SHA-256, as Google's signed URLs carry them.
#include <string>

namespace herder::s3d {

// `signature`: hex. False as well where the key or the signature is not readable.
bool is_signed_by(const std::string& public_key_pem, const std::string& text,
                  const std::string& signature);

}  // namespace herder::s3d
