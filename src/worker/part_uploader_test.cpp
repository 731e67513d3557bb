#include "worker/part_uploader.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace herder {
namespace {

// A store that holds parts, and goes wrong as told.
struct PartStore {
    int total = 0;
    std::mutex mutex;
    std::set<int> held;
    std::map<int, int> puts;
    std::map<int, std::vector<ErrorCode>> failures;  // by part, in order
    int asked = 0;

    PartUploader::Hooks hooks() {
        PartUploader::Hooks made;
        made.ask = [this](int from) -> Result<protocol::PartsResponse> {
            const std::lock_guard lock(mutex);
            ++asked;
            protocol::PartsResponse answer;
            int number = from;
            for (; number <= total && answer.parts.size() < 8; ++number) {
                if (!held.contains(number))
                    answer.parts.push_back({number, Bytes{number}, Bytes{1}, "u", {}});
            }
            answer.next = number <= total ? number : 0;
            return answer;
        };
        made.put = [this](const protocol::PartUrl& part) -> Status {
            const std::lock_guard lock(mutex);
            auto& failing = failures[part.number];
            const auto done = static_cast<std::size_t>(puts[part.number]++);
            if (done < failing.size()) return Error{failing[done], "as told"};
            held.insert(part.number);
            return ok();
        };
        made.wait = [](Duration) { return true; };
        return made;
    }
};

TEST(PartUploader, SendsEveryPartOnce) {
    PartStore store;
    store.total = 20;
    PartUploader uploader(store.hooks());
    ASSERT_TRUE(uploader.run());
    EXPECT_EQ(store.held.size(), 20U);
    for (const auto& [number, count] : store.puts)
        EXPECT_EQ(count, 1) << number;
    EXPECT_EQ(store.asked, 3);
    EXPECT_GT(uploader.width(), 4);
}

TEST(PartUploader, WhatIsThereIsNotSentAgain) {
    PartStore store;
    store.total = 12;
    store.held = {1, 2, 3, 11};
    ASSERT_TRUE(PartUploader(store.hooks()).run());
    EXPECT_EQ(store.puts.size(), 8U);
    EXPECT_FALSE(store.puts.contains(11));
}

TEST(PartUploader, PassingFailuresAreTriedAgainWithLessAtOnce) {
    PartStore store;
    store.total = 8;
    store.failures[3] = {ErrorCode::kUnavailable, ErrorCode::kRateLimited};
    PartUploader uploader(store.hooks());
    ASSERT_TRUE(uploader.run());
    EXPECT_EQ(store.puts[3], 3);
    EXPECT_EQ(uploader.width(), 2);
}

TEST(PartUploader, AnOldUrlIsAskedForAgainButNotForEver) {
    PartStore store;
    store.total = 8;
    store.failures[2] = {ErrorCode::kForbidden};
    EXPECT_TRUE(PartUploader(store.hooks()).run());
    EXPECT_EQ(store.held.size(), 8U);
    PartStore closed;
    closed.total = 1;
    closed.failures[1] = std::vector<ErrorCode>(100, ErrorCode::kForbidden);
    EXPECT_EQ(PartUploader(closed.hooks()).run().error().code, ErrorCode::kForbidden);
    EXPECT_LE(closed.puts[1], 4);
}

TEST(PartUploader, WhatCannotPassEndsIt) {
    PartStore store;
    store.total = 100;
    store.failures[1] = {ErrorCode::kNotFound};
    EXPECT_EQ(PartUploader(store.hooks()).run().error().code, ErrorCode::kNotFound);
    EXPECT_LE(store.puts.size(), 8U);
    PartStore fenced;
    auto hooks = fenced.hooks();
    hooks.ask = [](int) -> Result<protocol::PartsResponse> {
        return Error{ErrorCode::kConflict, "fenced"};
    };
    EXPECT_EQ(PartUploader(hooks).run().error().code, ErrorCode::kConflict);
}

TEST(PartUploader, StopsWhenTheAgentEnds) {
    PartStore store;
    store.total = 1;
    store.failures[1] = std::vector<ErrorCode>(100, ErrorCode::kUnavailable);
    auto hooks = store.hooks();
    hooks.wait = [](Duration) { return false; };
    EXPECT_FALSE(PartUploader(hooks).run());
    EXPECT_EQ(store.puts[1], 1);
}

}  // namespace
}  // namespace herder
