#include "worker/persist.h"

#include <gtest/gtest.h>

#include <vector>

#include "adapters/http/cancel.h"
#include "worker/machine_clock.h"

namespace herder {
namespace {

TEST(Persist, TriesAgainOnlyWhatMayPass) {
    int calls = 0;
    const auto fails_with = [&](ErrorCode code) {
        calls = 0;
        return [&calls, code]() -> Status {
            ++calls;
            return Error{code, "no"};
        };
    };
    http::CancelToken stop;
    const Persistence twice{2, stop.descriptor()};
    EXPECT_FALSE(persist(fails_with(ErrorCode::kUnavailable), twice));
    EXPECT_EQ(calls, 2);
    for (const ErrorCode code :
         {ErrorCode::kNotFound, ErrorCode::kCorrupt, ErrorCode::kNoCapacity}) {
        EXPECT_FALSE(persist(fails_with(code), twice));
        EXPECT_EQ(calls, 1) << to_string(code);
    }
}

TEST(Persist, WaitsAtLeastAsLongAsItWasAsked) {
    http::CancelToken stop;
    Duration asked;
    std::vector<Instant> calls;
    const auto call = [&]() -> Status {
        calls.push_back(real_now());
        asked = milliseconds(1500);  // by itself, it would wait 750 ms at most
        return Error{ErrorCode::kRateLimited, "later"};
    };
    EXPECT_FALSE(persist(call, {2, stop.descriptor(), &asked}));
    ASSERT_EQ(calls.size(), 2U);
    EXPECT_GE(calls[1] - calls[0], milliseconds(1500));
}

TEST(Persist, ASuccessAndAStopEndIt) {
    int calls = 0;
    http::CancelToken stop;
    const auto second = [&]() -> Status {
        return ++calls < 2 ? Status(unavailable("not yet")) : ok();
    };
    EXPECT_TRUE(persist(second, {5, stop.descriptor()}));
    EXPECT_EQ(calls, 2);
    calls = -10;
    stop.cancel();
    EXPECT_FALSE(persist(second, {5, stop.descriptor()}));
    EXPECT_EQ(calls, -9);
}

}  // namespace
}  // namespace herder
