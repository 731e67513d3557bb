#include "protocol/output_parts_json.h"

#include <gtest/gtest.h>

namespace herder::protocol {
namespace {

const SentOutput kOutput{"models/final.bin", Bytes{60LL << 30}, 0xfedcba98};

TEST(OutputParts, DocumentsComeBackAsTheyWere) {
    EXPECT_EQ(*parse_sent_output(to_json(kOutput)), kOutput);
    const OutputPartsRequest request{kOutput, 65, {1, 0xffffffff}};
    EXPECT_EQ(*parse_output_parts_request(to_json(request)), request);
    const OutputUploads uploads{{{kOutput, "2~abc", true}, {kOutput, "u2"}}};
    EXPECT_EQ(*parse_output_uploads(to_json(uploads)), uploads);
}

TEST(OutputParts, WhatIsNoOutputIsRefused) {
    const auto code_of = [](const SentOutput& output, int from) {
        const auto read = parse_output_parts_request(to_json(OutputPartsRequest{output, from}));
        const auto done = parse_sent_output(to_json(output));
        return read ? "taken" : done ? "refused by its part" : "refused";
    };
    EXPECT_STREQ(code_of({"a", Bytes{1}, 0}, 1), "taken");
    EXPECT_STREQ(code_of({"../../j2/outputs/a", Bytes{1}, 0}, 1), "refused");
    EXPECT_STREQ(code_of({"", Bytes{1}, 0}, 1), "refused");
    EXPECT_STREQ(code_of({"a", Bytes{0}, 0}, 1), "refused");
    EXPECT_STREQ(code_of({"a", Bytes{-1}, 0}, 1), "refused");
    EXPECT_STREQ(code_of({"a", Bytes{1}, 0}, 0), "refused by its part");
    EXPECT_STREQ(code_of({"a", Bytes{1}, 0}, 10'001), "refused by its part");
    EXPECT_FALSE(parse_output_parts_request("{}"));
}

}  // namespace
}  // namespace herder::protocol
