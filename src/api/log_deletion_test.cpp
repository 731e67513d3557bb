#include "api/log_deletion.h"

#include <gtest/gtest.h>

namespace herder::api {
namespace {

const LogDeletionNote kNote{{WallTime{1'795'466'880'123'456}, "30d", false}, {"metrics", "out"}};

TEST(LogDeletion, ANoteReadsBackAsItWasWritten) {
    EXPECT_EQ(to_text(kNote),
              "herder-logs-deleted 1\nat 1795466880123456 2026-11-23T20:48:00Z\nlogs_keep 30d\n"
              "streams metrics out\nend\n");
    EXPECT_EQ(parse_deletion_note(to_text(kNote)).value(), kNote);
    const LogDeletionNote none{kNote.deletion, {}};
    EXPECT_EQ(parse_deletion_note(to_text(none)).value(), none);
}

TEST(LogDeletion, ADamagedNoteIsNone) {
    const std::string good = to_text(kNote);
    for (std::size_t cut = 0; cut + 1 < good.size(); ++cut)
        EXPECT_FALSE(parse_deletion_note(good.substr(0, cut))) << cut;
    std::string newer = good;
    newer.replace(newer.find(" 1"), 2, " 2");
    EXPECT_FALSE(parse_deletion_note(newer));
    EXPECT_FALSE(parse_deletion_note("of somebody else"));
}

TEST(LogDeletion, SaysWhenAndByWhichRule) {
    EXPECT_EQ(describe(kNote.deletion),
              "this log was deleted on 2026-11-23T20:48:00Z by the rule logs_keep: 30d");
}

TEST(LogDeletion, TheNoteLiesBesideTheStreams) {
    EXPECT_EQ(deletion_note_key("v1/default/j1/attempts/2/logs/out/"),
              "v1/default/j1/attempts/2/logs/deleted.txt");
}

}  // namespace
}  // namespace herder::api
