#pragma once
// Hashes and MACs: SHA-256, HMAC-SHA-256, CRC32C. Pure functions of their input.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace herder {

std::string sha256(std::string_view data);                             // 32 raw bytes
std::string sha256_hex(std::string_view data);                         // 64 hex digits
std::string hmac_sha256(std::string_view key, std::string_view data);  // 32 raw bytes

// Compares in constant time, for MACs and tokens.
bool equal_secret(std::string_view a, std::string_view b);

// CRC-32C (Castagnoli), the checksum S3 and GCS accept. Chain by passing the previous value.
std::uint32_t crc32c(std::string_view data, std::uint32_t previous = 0);

class Sha256Stream {
  public:
    Sha256Stream();
    ~Sha256Stream();
    Sha256Stream(const Sha256Stream&) = delete;
    Sha256Stream& operator=(const Sha256Stream&) = delete;
    void update(std::string_view data);
    std::string finish_hex();  // once

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace herder
