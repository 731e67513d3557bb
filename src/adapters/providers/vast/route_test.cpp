#include "adapters/providers/vast/route.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace herder::vast {
namespace {

TEST(Route, EveryRouteHasANameOfItsOwn) {
    std::set<std::string> names;
    for (std::size_t i = 0; i < kRouteCount; ++i)
        names.insert(to_string(static_cast<Route>(i)));
    EXPECT_EQ(names.size(), kRouteCount);
}

TEST(Route, DocumentedThresholdsAreKept) {
    EXPECT_EQ(interval_of(Route::kCreate), milliseconds(4'500));
    EXPECT_EQ(interval_of(Route::kShow), seconds(2));
    EXPECT_EQ(interval_of(Route::kList), seconds(1));
    EXPECT_EQ(interval_of(Route::kManage), seconds(1));
    EXPECT_EQ(interval_of(Route::kDestroy), seconds(3));
    EXPECT_EQ(interval_of(Route::kChangeBid), milliseconds(5'500));
    EXPECT_EQ(interval_of(Route::kExecute), milliseconds(1'500));
    EXPECT_EQ(interval_of(Route::kListVolumes), milliseconds(5'500));
    EXPECT_EQ(interval_of(Route::kListSecrets), seconds(5));
    EXPECT_EQ(interval_of(Route::kInvoices), seconds(3));
}

TEST(Route, SearchesAreLimitedByNumberAndNothingElseIsFree) {
    EXPECT_EQ(interval_of(Route::kSearch), Duration{});
    for (std::size_t i = 1; i < kRouteCount; ++i)
        EXPECT_GE(interval_of(static_cast<Route>(i)), seconds(1)) << i;
}

}  // namespace
}  // namespace herder::vast
