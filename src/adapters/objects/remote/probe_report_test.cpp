#include "adapters/objects/remote/probe_report.h"

#include "adapters/objects/remote/scripted_server_fixture.h"

namespace herder::remote {
namespace {

TEST(ProbeReport, OneBrokenCheckIsEnough) {
    ProbeReport report;
    report.checks = {{"a", Verdict::kWorks, ""}, {"b", Verdict::kMissing, ""}};
    EXPECT_TRUE(report.is_usable());
    report.checks.push_back({"c", Verdict::kBroken, ""});
    EXPECT_FALSE(report.is_usable());
}

TEST(UrlUse, IsWhatAMachineSends) {
    ScriptedServer server;
    server.will_answer({answer(201, "body")});
    std::string body;
    EXPECT_EQ(use_url({"PUT", server.url() + "/k?s=1", "text", {{"x-a", "b"}}}, {}, &body), 201);
    EXPECT_EQ(body, "body");
    ASSERT_EQ(server.asked().size(), 1U);
    EXPECT_EQ(server.asked()[0].target, "/k?s=1");
    EXPECT_EQ(server.asked()[0].body, "text");
    EXPECT_EQ(server.asked()[0].headers.get("x-a"), "b");
    server.will_answer({answer(503, ""), answer(200, "")});
    EXPECT_EQ(use_url({"GET", server.url() + "/k", ""}, {}), 200) << "it was busy";
    EXPECT_EQ(use_url({"GET", "http://127.0.0.1:1/", ""}, {}), 0);
    EXPECT_EQ(use_url({"GET", "no url", ""}, {}), 0);
}

}  // namespace
}  // namespace herder::remote
