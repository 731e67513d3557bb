#include "api/router.h"

#include <gtest/gtest.h>

namespace herder::api {
namespace {

const std::vector<Route> kRoutes = {{"GET", "/jobs", {"limit"}, nullptr},
                                    {"POST", "/jobs", {}, nullptr},
                                    {"GET", "/jobs/{job}", {}, nullptr},
                                    {"GET", "/jobs/{job}/outputs", {}, nullptr},
                                    {"GET", "/jobs/{job}/outputs/{path...}", {}, nullptr}};

TEST(Router, FindsARouteAndItsNames) {
    EXPECT_EQ(find_route(kRoutes, "GET", "/api/v1/jobs").route, &kRoutes[0]);
    EXPECT_EQ(find_route(kRoutes, "POST", "/api/v1/jobs").route, &kRoutes[1]);
    EXPECT_EQ(find_route(kRoutes, "GET", "/api/v1/jobs/j1/outputs").route, &kRoutes[3]);
    const Match match = find_route(kRoutes, "GET", "/api/v1/jobs/j1/outputs/a/b.bin");
    EXPECT_EQ(match.route, &kRoutes[4]);
    EXPECT_EQ(match.names.at("job"), "j1");
    EXPECT_EQ(match.names.at("path"), "a/b.bin");
}

TEST(Router, ServesHeadByGet) {
    EXPECT_EQ(find_route(kRoutes, "HEAD", "/api/v1/jobs").route, &kRoutes[0]);
}

TEST(Router, KnowsWhatAPathAllows) {
    const Match match = find_route(kRoutes, "DELETE", "/api/v1/jobs");
    EXPECT_EQ(match.route, nullptr);
    EXPECT_EQ(match.allowed, (std::vector<std::string>{"GET", "POST"}));
    EXPECT_TRUE(find_route(kRoutes, "GET", "/api/v1/jobs/j1/secrets").allowed.empty());
    EXPECT_TRUE(find_route(kRoutes, "GET", "/api/v2/jobs").allowed.empty());
}

TEST(Router, FindsUnknownParameters) {
    Request request;
    request.query = {{"limit", "1"}, {"limti", "2"}};
    const std::vector<Complaint> wrong = unknown_parameters(kRoutes[0], request);
    ASSERT_EQ(wrong.size(), 1U);
    EXPECT_EQ(wrong[0].pointer, "?limti");
    EXPECT_EQ(wrong[0].suggestion, "limit");
}

}  // namespace
}  // namespace herder::api
