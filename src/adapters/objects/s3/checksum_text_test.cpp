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

}  // namespace
}  // namespace herder::s3
