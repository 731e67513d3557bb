#include "cli/init_templates.h"

#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

TEST(InitTemplates, EachHasAJobThatIsValidAndAScriptThatItRuns) {
    const FakeServer server;
    const std::vector<InitTemplate> all = init_templates();
    ASSERT_EQ(all.size(), 3U);
    for (const InitTemplate& one : all) {
        EXPECT_FALSE(one.title.empty()) << one.name;
        EXPECT_EQ(one.title.find("herder launch"), std::string::npos) << one.title;
        const TestFolder here;
        std::string job;
        for (const InitFile& file : one.files) {
            here.write(file.name, file.text);
            if (file.name == "job.yaml") job = file.text;
        }
        EXPECT_TRUE(std::filesystem::exists(here.path + "/train.py")) << one.name;
        EXPECT_NE(job.find("train.py"), std::string::npos) << one.name;
        const Ran ran = server.run({"validate", "--offline", here.path + "/job.yaml"});
        EXPECT_EQ(ran.code, 0) << one.name << "\n" << ran.out << ran.err;
        EXPECT_EQ(ran.err.find("warning"), std::string::npos) << ran.err;
    }
}

TEST(InitTemplates, TheNearestNameIsProposed) {
    EXPECT_TRUE(find_template("finetune"));
    const Result<InitTemplate> wrong = find_template("fintune");
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, ErrorCode::kNotFound);
    EXPECT_NE(wrong.error().message.find("did you mean 'finetune'?"), std::string::npos);
}

}  // namespace
}  // namespace herder::cli
