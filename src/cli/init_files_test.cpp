#include "cli/init_files.h"

#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

std::string text_of(const std::vector<InitFile>& files, const std::string& name) {
    for (const InitFile& file : files) {
        if (file.name == name) return file.text;
    }
    ADD_FAILURE() << "no " << name;
    return "";
}

void write_all(const TestFolder& folder, const ProjectFacts& facts) {
    for (const InitFile& file : make_init_files(facts, usd_micros(50'000'000)))
        folder.write(file.name, file.text);
}

// Whatever was found: what is written passes `herder validate`.
TEST(InitFiles, AllAreValid) {
    const FakeServer server;
    for (const Framework framework :
         {Framework::kNone, Framework::kTransformers, Framework::kLightning, Framework::kAccelerate,
          Framework::kTorch, Framework::kKeras, Framework::kJax, Framework::kNumpy}) {
        for (const std::string script : {"", "train.py", "my \"odd\" 'dir'/t: #r.py"}) {
            for (const std::string requirements : {"", "requirements.txt", "pyproject.toml"}) {
                const ProjectFacts facts{.name = "my-project",
                                         .script = script,
                                         .framework = framework,
                                         .uses_trainer = framework == Framework::kTransformers,
                                         .requirements = requirements,
                                         .trackers = {"wandb"},
                                         .large_files = {{"data/a b.bin", 1}}};
                const TestFolder here;
                write_all(here, facts);
                for (const char* name : {"job.yaml", "gpu_profiles.yaml", "budgets.yaml"}) {
                    const Ran ran = server.run({"validate", here.path + "/" + name});
                    ASSERT_EQ(ran.code, 0) << name << "\n" << ran.out << ran.err;
                    ASSERT_EQ(ran.err.find("warning"), std::string::npos) << ran.err;
                }
            }
        }
    }
}

TEST(InitFiles, SayWhatWasFound) {
    const auto files = make_init_files({.name = "lora",
                                        .script = "finetune.py",
                                        .framework = Framework::kTransformers,
                                        .uses_trainer = true,
                                        .requirements = "requirements.txt"},
                                       usd_micros(25'000'000));
    const std::string job = text_of(files, "job.yaml");
    for (const char* part : {"name: lora", "python finetune.py", "requirements.txt", "HF_TOKEN",
                             "resume_from_checkpoint", "pytorch/pytorch"})
        EXPECT_NE(job.find(part), std::string::npos) << part;
    EXPECT_NE(text_of(files, "budgets.yaml").find("limit: 25\n"), std::string::npos);
    EXPECT_NE(text_of(files, ".herderignore").find("wandb/\n"), std::string::npos);
}

TEST(InitFiles, LargeFilesStayAtHomeByTheirWholePath) {
    const auto files = make_init_files(
        {.name = "x", .large_files = {{"data/big set[1].bin", 200'000'000}}}, Usd{1});
    EXPECT_NE(text_of(files, ".herderignore").find("/data/big\\ set\\[1\\].bin\n"),
              std::string::npos);
}

}  // namespace
}  // namespace herder::cli
