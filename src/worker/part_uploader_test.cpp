#include "worker/part_uploader.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <thread>

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
    int stuck = 0;    // the first try of this part never ends
    int seconds = 0;  // second tries
    std::set<std::size_t> asked_files;
    std::vector<Duration> timeouts;
    std::atomic<std::int64_t> now_ms{0};
    std::int64_t tick_ms = 0;  // that pass with each look at the clock

    static int id(std::size_t file, int number) { return static_cast<int>(file) * 1000 + number; }

    PartUploader::Hooks hooks() {
        PartUploader::Hooks made;
        made.ask = [this](std::size_t file, int from) -> Result<protocol::PartsResponse> {
            const std::lock_guard lock(mutex);
            asked_files.insert(file);
            ++asked;
            protocol::PartsResponse answer;
            int number = from;
            for (; number <= total && answer.parts.size() < 8; ++number) {
                if (!held.contains(id(file, number)))
                    answer.parts.push_back({number, Bytes{number}, Bytes{1}, "u", {}});
            }
            answer.next = number <= total ? number : 0;
            return answer;
        };
        made.put = [this](const PartUploader::Put& put) -> Status {
            if (put.part.number == stuck && !put.is_second) {
                pollfd cancelled{put.cancel.descriptor(), POLLIN, 0};
                ::poll(&cancelled, 1, -1);
                return Error{ErrorCode::kCancelled, "as told"};
            }
            const std::lock_guard lock(mutex);
            const int part = id(put.file, put.part.number);
            timeouts.push_back(put.timeout);
            seconds += put.is_second ? 1 : 0;
            auto& failing = failures[part];
            const auto done = static_cast<std::size_t>(puts[part]++);
            if (done < failing.size()) return Error{failing[done], "as told"};
            held.insert(part);
            return ok();
        };
        made.wait = [](Duration, const http::CancelToken&) { return true; };
        made.now = [this] { return Instant{(now_ms += tick_ms) * 1000}; };
        return made;
    }
};

TEST(PartUploader, SendsEveryPartOnce) {
    PartStore store;
    store.total = 20;
    PartUploader uploader(1, store.hooks());
    ASSERT_TRUE(uploader.run());
    EXPECT_EQ(store.held.size(), 20U);
    for (const auto& [number, count] : store.puts)
        EXPECT_EQ(count, 1) << number;
    EXPECT_EQ(store.asked, 3);
}

TEST(PartUploader, SendsThePartsOfAllFiles) {
    PartStore store;
    store.total = 5;
    ASSERT_TRUE(PartUploader(3, store.hooks()).run());
    EXPECT_EQ(store.held.size(), 15U);
    EXPECT_TRUE(store.held.contains(PartStore::id(2, 5)));
    PartStore none;
    EXPECT_TRUE(PartUploader(0, none.hooks()).run());
    EXPECT_EQ(none.asked, 0);
}

TEST(PartUploader, APartThatHangsAtTheEndIsSentOverAnotherConnection) {
    PartStore store;
    store.total = 200;
    store.stuck = 1;  // of all that look late on a busy machine it has waited longest
    auto hooks = store.hooks();
    hooks.now = [&store] {
        const std::lock_guard lock(store.mutex);
        return Instant{(store.now_ms += store.held.size() == 199 ? 1000 : 0) * 1000};
    };
    ASSERT_TRUE(PartUploader(1, hooks).run());
    EXPECT_EQ(store.held.size(), 200U);
    EXPECT_GE(store.seconds, 1);
    EXPECT_LE(store.seconds, 10);  // a twentieth of all
}

TEST(PartUploader, WhatIsGivenUpBreaksOffWhatIsUnderWay) {
    PartStore store;
    store.total = 5;
    store.stuck = 3;
    PartUploader uploader(1, store.hooks());
    std::thread other([&] {
        const auto is_alone = [&store] {
            const std::lock_guard lock(store.mutex);
            return store.held.size() == 4;
        };
        while (!is_alone())
            std::this_thread::yield();
        uploader.give_up();
    });
    EXPECT_EQ(uploader.run().error().code, ErrorCode::kCancelled);
    other.join();
    EXPECT_EQ(store.held.size(), 4U);
}

TEST(PartUploader, WhatHasArrivedIsNotGivenUp) {
    PartStore store;
    store.total = 5;
    PartUploader uploader(1, store.hooks());
    ASSERT_TRUE(uploader.run());
    uploader.give_up();
    EXPECT_EQ(store.held.size(), 5U);
}

TEST(PartUploader, WaitsNoLongerThanTheOthersTook) {
    PartStore store;
    store.total = 200;
    store.tick_ms = 1;
    ASSERT_TRUE(PartUploader(1, store.hooks()).run());
    EXPECT_EQ(store.timeouts.front(), hours(2));  // nothing is known yet
    // The last one to begin need not be the last one here: a busy machine changes their order.
    const Duration least = *std::min_element(store.timeouts.begin(), store.timeouts.end());
    EXPECT_LE(least, minutes(1));
    EXPECT_GE(least, ::herder::seconds(30));
}

TEST(PartUploader, WhatIsThereIsNotSentAgain) {
    PartStore store;
    store.total = 12;
    store.held = {1, 2, 3, 11};
    ASSERT_TRUE(PartUploader(1, store.hooks()).run());
    EXPECT_EQ(store.puts.size(), 8U);
    EXPECT_FALSE(store.puts.contains(11));
}

TEST(PartUploader, PassingFailuresAreTriedAgainWithLessAtOnce) {
    PartStore store;
    store.total = 8;
    store.failures[3] = {ErrorCode::kUnavailable, ErrorCode::kRateLimited};
    PartUploader uploader(1, store.hooks());
    ASSERT_TRUE(uploader.run());
    EXPECT_EQ(store.puts[3], 3);
    EXPECT_EQ(uploader.width(), 4);
}

TEST(PartUploader, AnOldUrlIsAskedForAgainButNotForEver) {
    PartStore store;
    store.total = 8;
    store.failures[2] = {ErrorCode::kForbidden};
    EXPECT_TRUE(PartUploader(1, store.hooks()).run());
    EXPECT_EQ(store.held.size(), 8U);
    PartStore closed;
    closed.total = 1;
    closed.failures[1] = std::vector<ErrorCode>(100, ErrorCode::kForbidden);
    EXPECT_EQ(PartUploader(1, closed.hooks()).run().error().code, ErrorCode::kForbidden);
    EXPECT_LE(closed.puts[1], 4);
}

TEST(PartUploader, WhatCannotPassEndsIt) {
    PartStore store;
    store.total = 100;
    store.failures[1] = {ErrorCode::kNotFound};
    auto patient = store.hooks();
    // The others are still on their way when the first one fails, and are called back.
    patient.put = [put = patient.put](const PartUploader::Put& part) -> Status {
        pollfd cancelled{part.cancel.descriptor(), POLLIN, 0};
        if (part.part.number > 1) ::poll(&cancelled, 1, -1);
        return put(part);
    };
    EXPECT_EQ(PartUploader(1, patient).run().error().code, ErrorCode::kNotFound);
    EXPECT_LE(store.puts.size(), 16U);
    PartStore fenced;
    auto hooks = fenced.hooks();
    hooks.ask = [](std::size_t, int) -> Result<protocol::PartsResponse> {
        return Error{ErrorCode::kConflict, "fenced"};
    };
    EXPECT_EQ(PartUploader(1, hooks).run().error().code, ErrorCode::kConflict);
}

TEST(PartUploader, OneAnswerMayNameThePartsOfManyFiles) {
    PartStore store;
    store.total = 1;
    auto hooks = store.hooks();
    hooks.ask = [&store](std::size_t file, int) -> Result<protocol::PartsResponse> {
        ++store.asked;
        protocol::PartsResponse answer;
        const std::size_t end = std::min<std::size_t>(file + 64, 100);
        for (std::size_t i = file; i < end; ++i)
            answer.parts.push_back({1, {}, Bytes{1}, "u", {}, static_cast<int>(i)});
        answer.next_file = static_cast<int>(end);
        return answer;
    };
    ASSERT_TRUE(PartUploader(100, hooks).run());
    EXPECT_EQ(store.held.size(), 100U);
    EXPECT_EQ(store.asked, 2);
}

TEST(PartUploader, AnAnswerThatLeadsNowhereEndsIt) {
    for (const auto& [next, next_file] : std::vector<std::pair<int, int>>{{1, 0}, {0, 9}, {0, 0}}) {
        PartStore store;
        auto hooks = store.hooks();
        hooks.ask = [&](std::size_t, int) -> Result<protocol::PartsResponse> {
            return protocol::PartsResponse{{}, next, next_file};
        };
        EXPECT_EQ(PartUploader(2, hooks).run().error().code, ErrorCode::kInternal);
    }
    PartStore store;
    auto hooks = store.hooks();
    hooks.ask = [&](std::size_t, int) -> Result<protocol::PartsResponse> {
        return protocol::PartsResponse{{{1, {}, Bytes{1}, "u", {}, 7}}, 0, 2};
    };
    EXPECT_EQ(PartUploader(2, hooks).run().error().code, ErrorCode::kInternal);
    EXPECT_TRUE(store.puts.empty());
}

TEST(PartUploader, WaitsAsLongAsTheStoreAsks) {
    PartStore store;
    store.total = 1;
    store.failures[1] = {ErrorCode::kUnavailable, ErrorCode::kUnavailable};
    auto hooks = store.hooks();
    hooks.put = [&store, put = hooks.put](const PartUploader::Put& wish) {
        // Only the first time.
        if (store.puts[1] == 0) *wish.asked_wait = ::herder::seconds(90);
        return put(wish);
    };
    std::vector<Duration> waits;
    hooks.wait = [&waits](Duration delay, const http::CancelToken&) {
        waits.push_back(delay);
        return true;
    };
    ASSERT_TRUE(PartUploader(1, hooks).run());
    ASSERT_EQ(waits.size(), 2U);
    EXPECT_EQ(waits[0], ::herder::seconds(90));
    EXPECT_LT(waits[1], ::herder::seconds(30));
}

// Waits until it is called off: true if it was.
bool is_called_off(const http::CancelToken& over) {
    pollfd ended{over.descriptor(), POLLIN, 0};
    return ::poll(&ended, 1, 20'000) == 1;
}

TEST(PartUploader, AWaitEndsWithWhatItWasFor) {
    PartStore store;
    store.total = 2;
    store.failures[1] = {ErrorCode::kUnavailable};
    std::atomic<bool> waits = false, was_called_off = false;
    auto hooks = store.hooks();
    hooks.put = [&, put = hooks.put](const PartUploader::Put& wish) -> Status {
        if (wish.part.number != 2) return put(wish);
        while (!waits)
            std::this_thread::yield();
        return not_found("as told");
    };
    hooks.wait = [&](Duration, const http::CancelToken& over) {
        waits = true;
        was_called_off = is_called_off(over);
        return !was_called_off;
    };
    EXPECT_EQ(PartUploader(1, hooks).run().error().code, ErrorCode::kNotFound);
    EXPECT_TRUE(was_called_off);
    EXPECT_EQ(store.puts[1], 1);
}

// All but one are there, and that one waits before its next try: for a while, or as long as the
// store wants.
void expect_no_second_try(Duration asked_wait) {
    PartStore store;
    store.total = 200;
    store.failures[1] = {ErrorCode::kUnavailable};
    auto hooks = store.hooks();
    std::atomic<bool> has_waited = false;  // what comes behind the wait takes no time
    hooks.now = [&store, &has_waited] {
        const std::lock_guard lock(store.mutex);
        const bool is_late = store.held.size() == 199 && !has_waited;
        return Instant{(store.now_ms += is_late ? 1000 : 0) * 1000};
    };
    hooks.put = [asked_wait, put = hooks.put](const PartUploader::Put& wish) {
        *wish.asked_wait = wish.part.number == 1 ? asked_wait : Duration{};
        return put(wish);
    };
    hooks.wait = [&store, &has_waited](Duration, const http::CancelToken& over) {
        // Until the others have looked at the clock often enough to think it late.
        for (int looks = 0; store.now_ms < 60'000 && looks < 4000; ++looks) {
            pollfd ended{over.descriptor(), POLLIN, 0};
            if (::poll(&ended, 1, 5) == 1) return false;
        }
        has_waited = true;
        return true;
    };
    ASSERT_TRUE(PartUploader(1, hooks).run());
    EXPECT_EQ(store.held.size(), 200U);
    // Not of the others: one that the store has, but whose thread has not said so yet, may seem
    // late.
    EXPECT_EQ(store.puts[1], 2);
}

TEST(PartUploader, APartThatWaitsIsNotSentOverAnotherConnection) {
    expect_no_second_try(Duration{});
    expect_no_second_try(::herder::hours(1));
}

TEST(PartUploader, StopsWhenTheAgentEnds) {
    PartStore store;
    store.total = 1;
    store.failures[1] = std::vector<ErrorCode>(100, ErrorCode::kUnavailable);
    auto hooks = store.hooks();
    hooks.wait = [](Duration, const http::CancelToken&) { return false; };
    EXPECT_FALSE(PartUploader(1, hooks).run());
    EXPECT_EQ(store.puts[1], 1);
}

}  // namespace
}  // namespace herder
