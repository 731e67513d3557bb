#include "protocol/parts_json.h"

#include <gtest/gtest.h>

namespace herder::protocol {
namespace {

TEST(PartsJson, GoesThereAndBack) {
    const PartsRequest request{CheckpointId{7}, 2, 65, {1, 0xFFFFFFFF}, 9};
    EXPECT_EQ(*parse_parts_request(to_json(request)), request);
    PartsResponse response;
    response.parts.push_back({3,
                              Bytes{32 << 20},
                              Bytes{5},
                              "https://store/k?partNumber=3",
                              {{"x-amz-checksum-crc32c", "4waSgw=="}, {"x-more", ""}},
                              2});
    // What stores do not send, but JSON must escape.
    response.parts.push_back({4, {}, {}, "quote\" back\\slash \n caf\xC3\xA9", {}, -1});
    response.next = 67;
    response.next_file = 2;
    EXPECT_EQ(*parse_parts_response(to_json(response)), response);
    EXPECT_EQ(*parse_parts_response(to_json(PartsResponse{})), PartsResponse{});
}

// As servers and agents wrote it before windows went over several files.
TEST(PartsJson, WhatIsNotSaidMeansTheFileThatWasAskedFor) {
    const auto request = parse_parts_request(R"({"index":2})");
    ASSERT_TRUE(request);
    EXPECT_EQ(request->files, 1);
    const auto response = parse_parts_response(R"({"parts":[{"number":1,"url":"u"}],"next":0})");
    ASSERT_TRUE(response);
    EXPECT_EQ(response->parts[0].file, -1);
    EXPECT_EQ(response->next_file, -1);
}

TEST(PartsJson, RefusesWhatIsNoPart) {
    for (const char* text : {"", "[]", R"({"checkpoint":"k1","index":-1})",
                             R"({"index":0,"from":0})", R"({"index":0,"from":2147483647})",
                             R"({"from":"one"})", R"({"files":0})", R"({"files":65})"}) {
        EXPECT_FALSE(parse_parts_request(text)) << text;
    }
}

}  // namespace
}  // namespace herder::protocol
