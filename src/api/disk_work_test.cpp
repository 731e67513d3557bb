#include "api/disk_work.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>

namespace herder::api {
namespace {

TEST(DiskWork, DoesTasksInOrder) {
    DiskWork work;
    std::string order;
    std::promise<void> done;
    EXPECT_TRUE(work.run([&] { order += "a"; }));
    EXPECT_TRUE(work.run([&] { order += "b"; }));
    EXPECT_TRUE(work.run([&] { done.set_value(); }));
    done.get_future().wait();
    EXPECT_EQ(order, "ab");
}

TEST(DiskWork, WhatTakesLongHoldsUpNothingWhileAThreadIsFree) {
    DiskWork work(256, 2);
    std::promise<void> second_ran;
    std::promise<void> first_ran;
    ASSERT_TRUE(work.run([&] {
        second_ran.get_future().wait();
        first_ran.set_value();
    }));
    ASSERT_TRUE(work.run([&] { second_ran.set_value(); }));
    first_ran.get_future().wait();
    work.stop();
    EXPECT_FALSE(work.run([] {}));
}

TEST(DiskWork, RefusesWhatItCannotKeepAndDropsWhatWaitsAtItsEnd) {
    DiskWork work(1);
    std::promise<void> begun;
    std::promise<void> release;
    ASSERT_TRUE(work.run([&] {
        begun.set_value();
        release.get_future().wait();
    }));
    begun.get_future().wait();
    auto held = std::make_shared<int>(1);  // shared with the task that is dropped
    ASSERT_TRUE(work.run([held] { ADD_FAILURE() << "it was to be dropped"; }));
    EXPECT_FALSE(work.run([] {}));
    std::thread stopper([&] { work.stop(); });
    while (held.use_count() > 1)
        std::this_thread::yield();
    release.set_value();
    stopper.join();
    EXPECT_FALSE(work.run([] {}));
}

}  // namespace
}  // namespace herder::api
