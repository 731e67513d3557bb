#pragma once
// The checksums that S3 clients send and expect, and base64. An own reading of the specification:
// nothing here is shared with the client that is tested against this server, but SHA-256 and
// CRC-32C themselves.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace herder::s3d {

enum class Algorithm { kMd5, kSha1, kSha256, kCrc32, kCrc32c, kCrc64Nvme };

// By the suffix of "x-amz-checksum-...".
std::optional<Algorithm> algorithm_of(std::string_view name);
const char* name_of(Algorithm algorithm);
const std::vector<Algorithm>& wire_algorithms();  // all that have a header of their own

class Digest {
  public:
    explicit Digest(Algorithm algorithm);
    ~Digest();
    Digest(Digest&&) noexcept;
    Digest& operator=(Digest&&) = delete;
    void update(std::string_view data);
    std::string finish();  // raw bytes, big-endian for the CRCs; once

    Algorithm algorithm() const { return algorithm_; }

  private:
    struct Impl;
    Algorithm algorithm_;
    std::unique_ptr<Impl> impl_;
};

std::string digest_of(Algorithm algorithm, std::string_view data);

std::string to_base64(std::string_view bytes);
Result<std::string> from_base64(std::string_view text);

}  // namespace herder::s3d
