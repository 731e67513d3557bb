#include "s3d/fault.h"

#include <gtest/gtest.h>

namespace herder::s3d {
namespace {

TEST(FaultRule, IsReadFromItsLine) {
    const auto rule = parse_fault("status=503 on=UploadPart key=ckpt every=3 after=1 times=2");
    ASSERT_TRUE(rule) << rule.error().message;
    EXPECT_EQ(rule->kind, FaultKind::kStatus);
    EXPECT_EQ(rule->number, 503U);
    EXPECT_EQ(rule->operation, "UploadPart");
    EXPECT_EQ(rule->keys, std::vector<std::string>{"ckpt"});
    EXPECT_EQ(rule->every, 3);
    EXPECT_EQ(rule->after, 1);
    EXPECT_EQ(rule->times, 2);
    EXPECT_EQ(parse_fault("lose_reply")->kind, FaultKind::kLoseReply);
    EXPECT_EQ(parse_fault("stall_reply")->kind, FaultKind::kStallReply);
    EXPECT_EQ(to_string(rule->kind), "status");
    EXPECT_EQ(to_string(FaultKind::kLoseReply), "lose_reply");
}

TEST(FaultRule, RefusesWhatItDoesNotKnow) {
    for (const char* text : {"", "explode", "status=many", "status=503 every=0",
                             "status=503 twice=1", "status=503 times="}) {
        EXPECT_FALSE(parse_fault(text)) << text;
    }
}

TEST(FaultScript, FiresAsOftenAsItSays) {
    FaultScript script;
    script.set({*parse_fault("status=503 on=GetObject every=2 after=1 times=2")});
    std::string fired;
    for (int i = 0; i < 8; ++i)
        fired += script.draw("GetObject", "k") ? '!' : '.';
    EXPECT_EQ(fired, "..!.!...");
    EXPECT_FALSE(script.draw("PutObject", "k"));
    script.set({*parse_fault("reset_at=5 key=b")});
    EXPECT_FALSE(script.draw("GetObject", "a"));
    EXPECT_EQ(script.draw("PutObject", "abc")->number, 5U);
    script.set({*parse_fault("reset_at=5 key=b key=d")});
    EXPECT_FALSE(script.draw("PutObject", "abc"));
    EXPECT_FALSE(script.draw("PutObject", "cd"));
    EXPECT_TRUE(script.draw("PutObject", "abcd"));
}

}  // namespace
}  // namespace herder::s3d
