#include <gtest/gtest.h>

#include "adapters/objects/remote/abilities.h"

namespace herder::remote {
namespace {

TEST(Abilities, SurviveTheirRecord) {
    Abilities all;
    all.put_if_absent = PutIfAbsent::kHeader;
    all.multipart = all.checksums = all.signed_size = all.ranges = all.range_if_match = true;
    all.lists_at_once = all.complete_repeats = all.equal_parts = all.part_checksums = true;
    all.part_size_min = Bytes{1};
    all.parts_max = 1000;
    all.provider = "r2";
    all.probed = "2026-11-28T10:00:00Z";
    EXPECT_EQ(*parse_abilities(to_json(all)), all);
    EXPECT_EQ(*parse_abilities(to_json(Abilities{})), Abilities{});
}

TEST(Abilities, NothingIsAssumed) {
    const Abilities aws = preset_of("aws");
    EXPECT_EQ(aws.put_if_absent, PutIfAbsent::kNone);
    EXPECT_FALSE(aws.multipart || aws.checksums || aws.signed_size || aws.lists_at_once);
    EXPECT_TRUE(preset_of("r2").equal_parts);
}

TEST(Abilities, OtherDocumentsAreRefused) {
    for (const char* text : {"", "{}", "[]", "{\"format\":2}"})
        EXPECT_EQ(parse_abilities(text).error().code, ErrorCode::kCorrupt) << text;
}

}  // namespace
}  // namespace herder::remote
