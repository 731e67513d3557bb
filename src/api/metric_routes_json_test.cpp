#include "api/api_fixture.h"

namespace herder::api {
namespace {

using ::testing::HasSubstr;

struct MetricRoutes : ::testing::Test {
    MetricRoutes() {
        EXPECT_EQ(rig.submit(ApiRig::spec("digits")).status, 201);
        (void)rig.rent();
    }
    void write(const std::string& text) {
        const WallTime at = rig.clock.wall();
        const std::int64_t offset = rig.logs.size(metrics);
        ASSERT_TRUE(rig.logs.append(metrics, {offset, text, {{offset, at, at}}}));
    }
    ApiRig rig;
    const LogName metrics{{JobId{1}, Fence{1}}, "metrics"};
    const std::string path = "/api/v1/jobs/j1/metrics";
};

TEST_F(MetricRoutes, ShowsEachMetricWithItsPoints) {
    EXPECT_THAT(rig.get(path).body, HasSubstr(R"("items":[])"));
    write(
        "{\"step\":1,\"t\":1790000000,\"loss\":2.5,\"lr\":0.1}\n"
        "{\"step\":2,\"t\":1790000060,\"loss\":\"NaN\",\"lr\":0.1}\nnonsense\n");
    const std::string body = rig.get(path).body;
    EXPECT_THAT(body, HasSubstr(R"({"name":"loss","count":2,"last":"NaN","min":2.5E0,"max":2.5E0,)"
                                R"("first_step":1,"last_step":2,"last_at":"2026-09-21T)"));
    EXPECT_THAT(body, HasSubstr(R"("bad_lines":1,"bad_line":"the line is no JSON object")"));
    const std::string one = rig.get(path, {{"name", "lr"}, {"attempt", "1"}}).body;
    EXPECT_THAT(one, ::testing::Not(HasSubstr("loss")));
    EXPECT_EQ(rig.get(path, {{"attempt", "2"}}).status, 404);
    EXPECT_EQ(rig.get(path, {{"points", "1"}}).status, 400);
    EXPECT_EQ(rig.get(path, {{"since", "then"}}).status, 400);
}

TEST_F(MetricRoutes, ShowsWhatWasMeasuredSince) {
    write("{\"step\":1,\"loss\":2}\n");
    rig.advance(hours(2));
    write("{\"step\":2,\"loss\":1}\n");
    EXPECT_THAT(rig.get(path, {{"since", "1h"}}).body,
                HasSubstr(R"("count":1,"last":1E0,"min":1E0,"max":1E0,"first_step":2)"));
}

TEST_F(MetricRoutes, ALostPieceIsToldAndTheRestIsShown) {
    write("{\"step\":1,\"loss\":2}\n");
    ASSERT_TRUE(rig.logs.move_out("j1/1.metrics"));
    write("{\"step\":2,\"loss\":1}\n");
    std::erase_if(rig.objects.content,
                  [](const auto& one) { return one.first.find("/logs/") != std::string::npos; });
    const std::string body = rig.get(path).body;
    EXPECT_THAT(body, HasSubstr(R"("count":1,"last":1E0)"));
    EXPECT_THAT(body,
                HasSubstr(R"("lost":[{"attempt":1,"begin":0,"end":20,"detail":"bytes 0 to 20)"));
}

TEST_F(MetricRoutes, AStoreThatIsAwayIsNoEmptyAnswer) {
    write("{\"step\":1,\"loss\":2}\n");
    ASSERT_TRUE(rig.logs.move_out("j1/1.metrics"));
    rig.objects.is_away = true;
    const Response away = rig.get(path);
    EXPECT_EQ(away.status, 503);
    EXPECT_THAT(away.body, HasSubstr("are in the artifact store, which does not give them"));
    EXPECT_EQ(rig.get("/api/v1/jobs/j1/logs", {{"stream", "metrics"}}).status, 503);
}

}  // namespace
}  // namespace herder::api
