#include "worker/retry_notes.h"

#include <gtest/gtest.h>

#include <vector>

namespace herder {
namespace {

std::vector<std::string> told(const RetryNotes& notes) {
    std::vector<std::string> lines;
    notes.tell("c", "sent again", [&](const std::string& line) { lines.push_back(line); });
    return lines;
}

TEST(RetryNotes, CountWhatHappenedForTheSameReason) {
    RetryNotes notes;
    EXPECT_TRUE(told(notes).empty());
    notes.add(unavailable("uploading http://s/o/1: the server answered 503 slow down"));
    notes.add(unavailable("uploading http://s/o/2: the server answered 503 slow down"));
    notes.add(unavailable("fetching /artifacts/a: the server answered 503 slow down"));
    notes.add(unavailable("x"));
    notes.add(unavailable("uploading http://s/o/2: PUT http://s/o/2: writing: broken"));
    const std::vector<std::string> wanted{"c: 3 sent again: the server answered 503 slow down",
                                          "c: 1 sent again: writing: broken", "c: 1 sent again: x"};
    EXPECT_EQ(told(notes), wanted);
}

TEST(RetryNotes, StayFew) {
    RetryNotes notes;
    for (int i = 0; i < 100; ++i)
        notes.add(unavailable("reason " + std::to_string(i)));
    EXPECT_EQ(told(notes).size(), 9U);
}

}  // namespace
}  // namespace herder
