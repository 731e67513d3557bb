// Submit, list, show and the verbs, and with them most of what view_json shows.
#include "api/api_fixture.h"

namespace herder::api {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string header(const Response& response, const std::string& name) {
    for (const auto& [key, value] : response.headers) {
        if (key == name) return value;
    }
    return "";
}

TEST(JobsRoutes, SubmitAnswersTheNewJob) {
    ApiRig rig;
    const Response response = rig.submit(ApiRig::spec("digits"));
    EXPECT_EQ(response.status, 201) << response.body;
    EXPECT_THAT(response.body, HasSubstr(R"("id":"j1","name":"digits")"));
    EXPECT_THAT(response.body, HasSubstr(R"("gpu":"1x RTX_4090")"));
    EXPECT_EQ(header(response, "Idempotent-Replayed"), "");
}

TEST(JobsRoutes, RepeatingAKeyAnswersTheSameJob) {
    ApiRig rig;
    EXPECT_EQ(rig.submit(ApiRig::spec("digits"), "key-1").status, 201);
    const Response again = rig.submit(ApiRig::spec("digits"), "key-1");
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(header(again, "Idempotent-Replayed"), "true");
    EXPECT_THAT(again.body, HasSubstr(R"("id":"j1")"));
    EXPECT_THAT(rig.submit(ApiRig::spec("digits"), "key-2").body, HasSubstr(R"("id":"j2")"));
}

TEST(JobsRoutes, AKeyOfAnotherJobIsRefusedAlsoAfterARestart) {
    FakeStore::Content content;
    std::string first;
    {
        ApiRig rig(content);
        first = rig.submit(ApiRig::spec("digits"), "key-1").body;
        EXPECT_THAT(first, HasSubstr(R"("id":"j1")"));
        const Response other = rig.submit(ApiRig::spec("letters"), "key-1");
        EXPECT_EQ(other.status, 409);
        EXPECT_THAT(other.body, HasSubstr("'key-1' belongs to another request: it submitted j1"));
    }
    ApiRig rig(content);
    const Response again = rig.submit(ApiRig::spec("digits"), "key-1");
    EXPECT_EQ(again.status, 200) << again.body;
    EXPECT_EQ(again.body, first);
    EXPECT_EQ(rig.submit(ApiRig::spec("letters"), "key-1").status, 409);
    EXPECT_THAT(rig.submit(ApiRig::spec("letters"), "key-2").body, HasSubstr(R"("id":"j2")"));
    EXPECT_EQ(rig.submit(ApiRig::spec("x"), std::string(256, 'k')).status, 400);
}

TEST(JobsRoutes, RefusesByNameWhatItDoesNotKnowInASpec) {
    ApiRig rig;
    const Response response = rig.post(
        "/api/v1/jobs",
        R"({"spec":{"name":"a","run":"true","any_of":[{"gpu_nmae":"A100"}],"oracle":1},"dryrun":1})");
    EXPECT_EQ(response.status, 400);
    EXPECT_THAT(response.body, HasSubstr(R"("pointer":"/dryrun")"));
    EXPECT_THAT(response.body, HasSubstr(R"("suggestion":"dry_run")"));
    EXPECT_THAT(response.body, HasSubstr(R"("pointer":"/spec/oracle")"));
    EXPECT_THAT(response.body, HasSubstr(R"("pointer":"/spec/any_of/0/gpu_nmae")"));
    const Response broken = rig.post("/api/v1/jobs", "{\n\"spec\": oops}");
    EXPECT_THAT(broken.body, HasSubstr(R"("line":2,"column":)"));
}

TEST(JobsRoutes, RefusesWhatIsNotAJob) {
    ApiRig rig;
    for (const char* body : {"", "[]", "{}", R"({"spec":7})", R"({"spec":{"nonsense":1}})",
                             R"({"spec":{"run":"true"}})",
                             R"({"spec":{"run":"true","any_of":[{}]},"dry_run":"maybe"})"}) {
        const Response response = rig.post("/api/v1/jobs", body);
        EXPECT_EQ(response.status, 400) << body << response.body;
        EXPECT_THAT(response.body, HasSubstr(R"("code":"INVALID")"));
    }
}

TEST(JobsRoutes, RefusesWhatTheBudgetDoesNotCover) {
    ApiRig rig;
    ASSERT_EQ(rig.call(ApiRig::request("PUT", "/api/v1/budgets", {},
                                       R"({"budgets":[{"name":"all","limit":"0.10"}]})"))
                  .status,
              200);
    JobSpec spec = ApiRig::spec("dear");
    spec.any_of.front().price_max = usd_per_hour_micros(1'000'000);
    const Response response = rig.submit(spec);
    EXPECT_EQ(response.status, 409);
    EXPECT_THAT(response.body, HasSubstr(R"("code":"BUDGET_EXCEEDED")"));
}

TEST(JobsRoutes, AJobWhoseFolderIsNoLongerStoredIsNotTakenIn) {
    ApiRig rig;
    JobSpec spec = ApiRig::spec("digits");
    spec.workdir_object = "workdirs/" + sha256_hex("x") + ".tar.gz";
    const Response missing = rig.submit(spec, "key-1");
    EXPECT_EQ(missing.status, 404);
    EXPECT_THAT(missing.body, HasSubstr("send it again"));
    ASSERT_TRUE(rig.objects.put(spec.workdir_object, "x", false));
    EXPECT_EQ(rig.submit(spec, "key-1").status, 201);
    ASSERT_TRUE(rig.objects.remove(spec.workdir_object));
    EXPECT_EQ(rig.submit(spec, "key-1").status, 200) << "answered as it was";
    spec.inputs = {{.target = "/d", .tree = "trees/" + sha256_hex("y") + ".json.gz"}};
    EXPECT_EQ(rig.submit(spec, "key-2").status, 404);
}

TEST(JobsRoutes, DryRunPlansAndChangesNothing) {
    ApiRig rig;
    const std::string spec = protocol::to_json(ApiRig::spec("digits"));
    const Response response = rig.post("/api/v1/jobs", R"({"dry_run":true,"spec":)" + spec + "}");
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_THAT(response.body, HasSubstr(R"("offers_seen":1)"));
    EXPECT_THAT(response.body, HasSubstr(R"("ask":101)"));
    EXPECT_THAT(response.body, HasSubstr(R"("budget_objection":null)"));
    EXPECT_THAT(rig.get("/api/v1/jobs").body, HasSubstr(R"("items":[])"));
    rig.provider.broken = true;
    EXPECT_EQ(rig.post("/api/v1/jobs", R"({"dry_run":true,"spec":)" + spec + "}").status, 503);
}

TEST(JobsRoutes, ListsPageByPageNewestFirst) {
    ApiRig rig;
    for (const char* name : {"one", "two", "three"})
        ASSERT_EQ(rig.submit(ApiRig::spec(name)).status, 201);
    const Response first = rig.get("/api/v1/jobs", {{"limit", "2"}});
    EXPECT_THAT(first.body, HasSubstr(R"("next_cursor":"j2")"));
    EXPECT_LT(first.body.find("three"), first.body.find("two"));
    EXPECT_THAT(first.body, Not(HasSubstr(R"("name":"one")")));
    const Response second = rig.get("/api/v1/jobs", {{"limit", "2"}, {"cursor", "j2"}});
    EXPECT_THAT(second.body, HasSubstr(R"("name":"one")"));
    EXPECT_THAT(second.body, HasSubstr(R"("next_cursor":null)"));
    EXPECT_EQ(rig.get("/api/v1/jobs", {{"cursor", "soon"}}).status, 400);
    EXPECT_EQ(rig.get("/api/v1/jobs", {{"limit", "many"}}).status, 400);
}

TEST(JobsRoutes, ListsByStatusProjectAndWhetherEnded) {
    ApiRig rig;
    JobSpec other = ApiRig::spec("other");
    other.project = "vision";
    ASSERT_EQ(rig.submit(ApiRig::spec("gone")).status, 201);
    ASSERT_EQ(rig.submit(other).status, 201);
    ASSERT_EQ(rig.post("/api/v1/jobs/j1/cancel").status, 200);
    const auto list = [&](const char* key, const char* value) {
        return rig.get("/api/v1/jobs", {{key, value}}).body;
    };
    EXPECT_THAT(list("status", "cancelled"), HasSubstr("gone"));
    EXPECT_THAT(list("status", "cancelled"), Not(HasSubstr("other")));
    EXPECT_THAT(list("all", "false"), Not(HasSubstr("gone")));
    EXPECT_THAT(list("project", "vision"), Not(HasSubstr("gone")));
    EXPECT_EQ(rig.get("/api/v1/jobs", {{"status", "vanished"}}).status, 400);
}

TEST(JobsRoutes, ShowsAJobByIdNumberNameOrPrefix) {
    ApiRig rig;
    ASSERT_EQ(rig.submit(ApiRig::spec("digits-a")).status, 201);
    ASSERT_EQ(rig.submit(ApiRig::spec("digits-b")).status, 201);
    for (const char* text : {"j1", "1", "digits-a"}) {
        const Response response = rig.get(std::string("/api/v1/jobs/") + text);
        EXPECT_EQ(response.status, 200) << text;
        EXPECT_THAT(response.body, HasSubstr(R"("id":"j1")"));
        EXPECT_THAT(response.body, HasSubstr(R"("spec":{)"));
        EXPECT_THAT(response.body, HasSubstr(R"("attempt_list":[)"));
    }
    ASSERT_EQ(rig.submit(ApiRig::spec("words")).status, 201);
    EXPECT_THAT(rig.get("/api/v1/jobs/wor").body, HasSubstr(R"("id":"j3")"));
    EXPECT_EQ(rig.get("/api/v1/jobs/digits").status, 400);
    EXPECT_EQ(rig.get("/api/v1/jobs/j9").status, 404);
}

TEST(JobsRoutes, VerbsChangeTheJobOrSayWhyNot) {
    ApiRig rig;
    ASSERT_EQ(rig.submit(ApiRig::spec("digits")).status, 201);
    EXPECT_EQ(rig.post("/api/v1/jobs/j1/resume").status, 409);
    EXPECT_THAT(rig.post("/api/v1/jobs/digits/pause").body, HasSubstr(R"("status":"paused")"));
    EXPECT_EQ(rig.post("/api/v1/jobs/j1/resume").status, 200);
    EXPECT_THAT(rig.post("/api/v1/jobs/j1/cancel").body, HasSubstr(R"("status":"cancelled")"));
    EXPECT_EQ(rig.post("/api/v1/jobs/j1/cancel").status, 200);
    const Response late = rig.post("/api/v1/jobs/j1/pause");
    EXPECT_EQ(late.status, 409);
    EXPECT_THAT(late.body, HasSubstr("cannot pause j1: it is cancelled"));
    EXPECT_EQ(rig.post("/api/v1/jobs/j7/cancel").status, 404);
}

TEST(JobsRoutes, ShowsTheMachineOfARunningAttempt) {
    ApiRig rig;
    ASSERT_EQ(rig.submit(ApiRig::spec("digits")).status, 201);
    (void)rig.rent();
    const Response response = rig.get("/api/v1/jobs/j1");
    EXPECT_THAT(response.body, HasSubstr(R"("contract":501)"));
    EXPECT_THAT(response.body, HasSubstr(R"("market":"on-demand")"));
    EXPECT_THAT(
        response.body,
        HasSubstr(R"("status":"placing","status_text":"the container runs, its agent is awaited)"));
}

}  // namespace
}  // namespace herder::api
