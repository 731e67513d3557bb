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
    EXPECT_EQ(rig.call(ApiRig::request("PUT", its, {}, large)).status, 413);
    EXPECT_TRUE(rig.objects.content.empty());
}

TEST(WorkdirRoutes, ASpooledArchiveIsTakenInOrGone) {
    ApiRig rig;
    int spooled = 0;
    const auto put = [&](const std::string& name, const std::string& text,
                         const std::string& bearer) {
        Request wish = ApiRig::request("PUT", "/api/v1/workdirs/" + name);
        wish.bearer = bearer;
        wish.body_file = std::make_shared<SpooledFile>(
            rig.write_file("spooled" + std::to_string(++spooled), text));
        wish.body_size = static_cast<std::int64_t>(text.size());
        return rig.call(std::move(wish)).status;
    };
    // The request lives on for a moment in the thread that answered it.
    const auto is_left = [&] {
        const auto any = [&] {
            for (int i = 1; i <= spooled; ++i)
                if (std::filesystem::exists(rig.folder + "/spooled" + std::to_string(i)))
                    return true;
            return false;
        };
        // The only bound of a wait for another thread of this test.
        using Clock = std::chrono::steady_clock;  // tidy:allow wall-clock no port in this test
        const auto patience = Clock::now() + std::chrono::seconds(10);
        while (any() && Clock::now() < patience)
            std::this_thread::yield();
        return any();
    };
    EXPECT_EQ(put(sha256_hex("archive"), "archive", "secret"), 201);
    EXPECT_FALSE(is_left());
    EXPECT_EQ(rig.objects.content.size(), 1U);
    EXPECT_EQ(put(sha256_hex("archive"), "archive", "secret"), 200);
    EXPECT_EQ(put(sha256_hex("other"), "archive", "secret"), 400);
    EXPECT_EQ(put(sha256_hex("archive"), "archive", "wrong"), 401);
    EXPECT_EQ(put("nonsense", "archive", "secret"), 400);
    EXPECT_EQ(put(sha256_hex("archive") + "/more", "archive", "secret"), 404);
    EXPECT_EQ(put(sha256_hex(std::string(1001, 'x')), std::string(1001, 'x'), "secret"), 413);
    EXPECT_FALSE(is_left());
    EXPECT_EQ(rig.objects.content.size(), 1U);
}

}  // namespace
}  // namespace herder::api
