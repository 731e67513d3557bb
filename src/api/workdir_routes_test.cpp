#include "api/api_fixture.h"

namespace herder::api {
namespace {

TEST(WorkdirRoutes, AnArchiveIsStoredOnceUnderItsHash) {
    ApiRig rig;
    const std::string path = "/api/v1/workdirs/" + sha256_hex("archive");
    EXPECT_EQ(rig.call(ApiRig::request("HEAD", path)).status, 404);
    EXPECT_EQ(rig.call(ApiRig::request("PUT", path, {}, "archive")).status, 201);
    EXPECT_EQ(rig.call(ApiRig::request("PUT", path, {}, "archive")).status, 200);
    EXPECT_EQ(rig.call(ApiRig::request("HEAD", path)).status, 200);
}

TEST(WorkdirRoutes, RefusesAWrongHashAndTooLargeAnArchive) {
    ApiRig rig;
    const std::string path = "/api/v1/workdirs/" + sha256_hex("archive");
    EXPECT_EQ(rig.call(ApiRig::request("PUT", path, {}, "other")).status, 400);
    EXPECT_EQ(rig.call(ApiRig::request("PUT", "/api/v1/workdirs/abc", {}, "x")).status, 400);
    const std::string large(1001, 'x');
    const std::string its = "/api/v1/workdirs/" + sha256_hex(large);
    EXPECT_EQ(rig.call(ApiRig::request("PUT", its, {}, large)).status, 400);
    EXPECT_TRUE(rig.objects.content.empty());
}

}  // namespace
}  // namespace herder::api
