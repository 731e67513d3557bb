// What a store that works looks like to the probe is in tests/conformance; here, one that does not.
#include "adapters/objects/s3/store_probe.h"

#include "adapters/objects/s3/scripted_server_fixture.h"

namespace herder::s3 {
namespace {

struct StoreProbeTest : S3Fixture {};

TEST_F(StoreProbeTest, AServerThatSaysYesToAllIsNotBelieved) {
    const auto client = open();
    server.will_answer({answer(200, "<L/>")});
    const auto report = probe_store(*client, clock);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_FALSE(report->is_usable());
    const remote::Abilities& a = report->abilities;
    EXPECT_EQ(a.put_if_absent, remote::PutIfAbsent::kNone);
    EXPECT_FALSE(a.checksums || a.signed_size || a.ranges || a.range_if_match || a.multipart ||
                 a.lists_at_once);
    EXPECT_EQ(a.probed, "2013-05-24T00:00:00Z");
}

TEST_F(StoreProbeTest, NothingToTryIsAnError) {
    const auto client = open();
    server.will_answer({refusal(403, "AccessDenied")});
    EXPECT_EQ(probe_store(*client, clock).error().code, ErrorCode::kForbidden);
}

}  // namespace
}  // namespace herder::s3
