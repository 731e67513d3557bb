#include "adapters/objects/s3/checksum_text.h"

#include <gtest/gtest.h>

namespace herder::s3 {
namespace {

TEST(ChecksumText, IsBase64OfTheBytes) {
    // Of "123456789", as the AWS documentation and every CRC-32C catalogue have it.
    EXPECT_EQ(to_checksum_text(0xE3069283), "4waSgw==");
    for (const std::uint32_t crc : {0U, 1U, 0x80000000U, 0xFFFFFFFFU, 0xE3069283U})
        EXPECT_EQ(parse_checksum_text(to_checksum_text(crc)), crc);
}

TEST(ChecksumText, WhatIsNoneIsRefused) {
    for (const char* text : {"", "4waSgw=", "4waSgw==-2", "4wa?gw==", "4waSgwAA"})
        EXPECT_FALSE(parse_checksum_text(text)) << text;
}

TEST(ChecksumText, HeadersFollowTheDialect) {
    EXPECT_EQ(checksum_header(Dialect::kAmazon, 0xE3069283),
              (std::pair<std::string, std::string>("x-amz-checksum-crc32c", "4waSgw==")));
    EXPECT_EQ(checksum_header(Dialect::kGoogle, 0xE3069283),
              (std::pair<std::string, std::string>("x-goog-hash", "crc32c=4waSgw==")));
    const auto google = [](const http::Headers& headers) {
        return told_checksum(Dialect::kGoogle, headers);
    };
    EXPECT_EQ(google({{"X-Goog-Hash", "crc32c=4waSgw=="}}), 0xE3069283);
    EXPECT_EQ(google({{"x-goog-hash", "md5=abc==,crc32c=4waSgw=="}}), 0xE3069283);
    EXPECT_EQ(google({{"x-goog-hash", "md5=abc=="}, {"x-goog-hash", "crc32c=4waSgw=="}}),
              0xE3069283);
    EXPECT_FALSE(google({{"x-goog-meta", "crc32c=4waSgw=="}}));
    EXPECT_FALSE(told_checksum(Dialect::kAmazon, {{"x-amz-checksum-crc32c", "4waSgw=="},
                                                  {"x-amz-checksum-type", "COMPOSITE"}}));
}

}  // namespace
}  // namespace herder::s3
