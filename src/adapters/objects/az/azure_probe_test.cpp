// What a probe says of a store that refuses; one that works is in tests/conformance.
#include "adapters/objects/az/azure_probe.h"

#include "adapters/objects/az/azure_fixture.h"

namespace herder::az {
namespace {

struct AzureProbeTest : AzureFixture {
    AzureObjectStore store{open(), clock};
};

TEST_F(AzureProbeTest, AStoreThatTakesNothingIsAnError) {
    server.will_answer({refusal(403, "AuthorizationFailure")});
    const auto report = probe_store(store, clock);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::kForbidden);
}

TEST_F(AzureProbeTest, AStoreThatForgetsIsNotUsable) {
    server.will_answer({answer(201), answer(201), answer(200, "first"), answer(500)});
    const auto report = probe_store(store, clock);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_FALSE(report->is_usable());
    EXPECT_FALSE(report->abilities.multipart);
    EXPECT_EQ(report->checks.front().name, "put, replace, get");
    EXPECT_EQ(report->checks.front().verdict, remote::Verdict::kBroken);
    EXPECT_EQ(report->abilities.provider, "azure");
}

}  // namespace
}  // namespace herder::az
