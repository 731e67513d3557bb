#pragma once
// A CRC-32C as S3 writes it in headers and documents: base64 of its four bytes, the highest first.
// Google writes the same in a header of its own.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/http/message.h"
#include "adapters/objects/s3/location.h"

namespace herder::s3 {

std::string to_checksum_text(std::uint32_t crc32c);
std::optional<std::uint32_t> parse_checksum_text(std::string_view text);

// The header of a request that makes the store verify what comes, by its name.
std::pair<std::string, std::string> checksum_header(Dialect dialect, std::uint32_t crc32c);
// Of the whole object, as an answer to HEAD tells it.
std::optional<std::uint32_t> told_checksum(Dialect dialect, const http::Headers& headers);

}  // namespace herder::s3
