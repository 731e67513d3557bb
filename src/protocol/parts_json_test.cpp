#include "protocol/parts_json.h"

#include <gtest/gtest.h>

namespace herder::protocol {
namespace {

TEST(PartsJson, GoesThereAndBack) {
    const PartsRequest request{CheckpointId{7}, 2, 65, {1, 0xFFFFFFFF}};
    EXPECT_EQ(*parse_parts_request(to_json(request)), request);
    PartsResponse response;
    response.parts.push_back({3,
                              Bytes{32 << 20},
                              Bytes{5},
                              "https://store/k?partNumber=3",
                              {{"x-amz-checksum-crc32c", "4waSgw=="}}});
    response.next = 67;
    EXPECT_EQ(*parse_parts_response(to_json(response)), response);
}

TEST(PartsJson, RefusesWhatIsNoPart) {
    for (const char* text :
         {"", "[]", R"({"checkpoint":"k1","index":-1})", R"({"index":0,"from":0})",
          R"({"index":0,"from":2147483647})", R"({"from":"one"})"}) {
        EXPECT_FALSE(parse_parts_request(text)) << text;
    }
}

}  // namespace
}  // namespace herder::protocol
