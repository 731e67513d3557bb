#include "api/held_logs.h"

#include <gtest/gtest.h>

#include "ports/fake_uploads_fixture.h"

namespace herder::api {
namespace {

const std::string kBelow = "v1/t/j7/attempts/";
const std::string kPiece =
    "000000000000-000000000004-20261128T195500Z-" + std::string(32, 'a') + ".log.gz";

TEST(HeldLogs, AreThePiecesOfAllStreamsOfAllAttempts) {
    FakeUploadStore store;
    const std::string out = kBelow + "2/logs/out/" + kPiece;
    const std::string metrics = kBelow + "12/logs/metrics/of-no-form-that-is-known";
    for (const std::string& key :
         {out, metrics, kBelow + "2/logs/deleted.txt", kBelow + "2/outcome.json",
          kBelow + "2/logs/other/" + kPiece, std::string("v1/t/j70/attempts/1/logs/out/") + kPiece})
        store.objects[key] = "x";
    const auto held = find_held_logs(store, "t", JobId{7});
    ASSERT_TRUE(held) << held.error().message;
    EXPECT_EQ(held->attempts.size(), 2U);
    EXPECT_EQ(held->attempts.at(2), (HeldStreams{{"out", {out}}}));
    EXPECT_EQ(held->attempts.at(12), (HeldStreams{{"metrics", {metrics}}}));
    EXPECT_EQ(to_rfc3339(held->newest), "2026-11-28T19:55:00Z");
    EXPECT_FALSE(held->newest_stored);
    store.modified[metrics] = held->newest + hours(1);
    store.modified[out] = held->newest + minutes(1);
    const auto dated = find_held_logs(store, "t", JobId{7});
    EXPECT_EQ(dated->newest, held->newest + hours(1));
    EXPECT_EQ(dated->newest_stored, dated->newest);
}

TEST(HeldLogs, AStoreThatDoesNotAnswerSaysNothing) {
    FakeUploadStore store;
    store.is_away = true;
    EXPECT_EQ(find_held_logs(store, "t", JobId{7}).error().code, ErrorCode::kUnavailable);
    store.is_away = false;
    EXPECT_TRUE(find_held_logs(store, "t", JobId{7})->attempts.empty());
}

}  // namespace
}  // namespace herder::api
