#pragma once
// A CRC-32C as S3 writes it in headers and documents: base64 of its four bytes, the highest first.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace herder::s3 {

inline constexpr char kChecksumHeader[] = "x-amz-checksum-crc32c";

std::string to_checksum_text(std::uint32_t crc32c);
std::optional<std::uint32_t> parse_checksum_text(std::string_view text);

}  // namespace herder::s3
