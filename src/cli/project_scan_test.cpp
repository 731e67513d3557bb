#include "cli/project_scan.h"

#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

TEST(ProjectScan, ReadsImports) {
    const std::vector<std::string> wanted = {"os", "numpy", "torch", "torch", "transformers"};
    EXPECT_EQ(
        imported_modules("import os, numpy as np\nimport torch.nn as nn\n"
                         "    from torch import optim\nfrom transformers import (\n  Trainer)\n"
                         "# import keras\nx = 'import jax'\nimportant = 1\n"),
        wanted);
}

TEST(ProjectScan, TellsFrameworksApart) {
    const std::pair<const char*, Framework> cases[] = {
        {"import torch\nfrom transformers import Trainer\nTrainer()\n", Framework::kTransformers},
        {"import torch\nimport lightning as L\n", Framework::kLightning},
        {"import torch\nfrom accelerate import Accelerator\n", Framework::kAccelerate},
        {"import torch\nimport numpy\n", Framework::kTorch},
        {"from tensorflow import keras\n", Framework::kKeras},
        {"import jax.numpy as jnp\nimport numpy\n", Framework::kJax},
        {"import numpy as np\n", Framework::kNumpy},
        {"print(1)\n", Framework::kNone}};
    for (const auto& [text, framework] : cases) {
        const TestFolder here;
        here.write("train.py", text);
        const auto facts = scan_project(here.path);
        ASSERT_TRUE(facts);
        EXPECT_EQ(facts->framework, framework) << text;
        EXPECT_EQ(facts->uses_trainer, framework == Framework::kTransformers);
        EXPECT_EQ(facts->script, "train.py");
    }
}

TEST(ProjectScan, FindsTheScriptThePackagesAndTheTrackers) {
    const TestFolder here;
    here.write("model.py", "import torch\n");
    here.write("tests/train.py", "import wandb\n");
    here.write("src/main.py", "import mlflow\n");
    here.write("fit.py", "if __name__ == '__main__':\n    pass\n");
    here.write("requirements.txt", "torch\n");
    here.write(".gitignore", "old/\n");
    here.write("old/train.py", "import keras\n");
    const auto facts = scan_project(here.path);
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->script, "fit.py");
    EXPECT_EQ(facts->framework, Framework::kTorch);
    EXPECT_EQ(facts->requirements, "requirements.txt");
    EXPECT_EQ(facts->trackers, (std::vector<std::string>{"wandb", "mlflow"}));
}

TEST(ProjectScan, AnEmptyFolderIsNoError) {
    const TestFolder here;
    const auto facts = scan_project(here.path);
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->script, "");
    EXPECT_FALSE(scan_project(here.path + "/none"));
}

TEST(ProjectScan, NamesJobsAsTheyCanBeNamed) {
    EXPECT_EQ(job_name_of("My Project_2"), "my-project-2");
    EXPECT_EQ(job_name_of("__"), "job");
    EXPECT_EQ(job_name_of(std::string(80, 'x')), std::string(40, 'x'));
}

}  // namespace
}  // namespace herder::cli
