#include "cli/context_files.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

// Its own configuration, for as long as it lives.
class ContextFilesTest : public testing::Test {
  protected:
    ContextFilesTest() {
        setenv("XDG_CONFIG_HOME", folder_.path.c_str(), 1);
        setenv("XDG_STATE_HOME", (folder_.path + "/state").c_str(), 1);
        unsetenv("HERDER_CONTEXT");
    }
    ~ContextFilesTest() override {
        unsetenv("XDG_CONFIG_HOME");
        unsetenv("XDG_STATE_HOME");
        unsetenv("HERDER_CONTEXT");
    }
    TestFolder folder_;
};

TEST_F(ContextFilesTest, WithoutAnyFileThereIsTheDefaultContext) {
    const Result<ChosenContext> chosen = choose_context("");
    ASSERT_TRUE(chosen.has_value());
    EXPECT_EQ(chosen->name, "default");
    EXPECT_FALSE(chosen->is_named);
    EXPECT_EQ(default_data_dir("default"), folder_.path + "/state/herder");
    EXPECT_EQ(default_data_dir("prod"), folder_.path + "/state/herder/contexts/prod");
}

TEST_F(ContextFilesTest, TheFlagWinsOverTheVariableAndThatOverTheHabit) {
    for (const char* name : {"dev", "staging", "prod"})
        ASSERT_TRUE(add_context_file(name, {}).has_value());
    ASSERT_TRUE(set_current_context("dev").has_value());
    EXPECT_EQ(choose_context("")->name, "dev");
    setenv("HERDER_CONTEXT", "staging", 1);
    EXPECT_EQ(choose_context("")->name, "staging");
    EXPECT_FALSE(choose_context("")->is_named);
    EXPECT_EQ(choose_context("prod")->name, "prod");
    EXPECT_TRUE(choose_context("prod")->is_named);
    EXPECT_EQ(context_names(), (std::vector<std::string>{"dev", "prod", "staging"}));
}

TEST_F(ContextFilesTest, PathsAreReadFromWhereTheFileLies) {
    config::ContextSpec spec;
    spec.key_file = "keys/prod";
    spec.budgets_file = "/etc/herder/budgets.yaml";
    ASSERT_TRUE(add_context_file("prod", spec).has_value());
    const auto loaded = load_context("prod");
    ASSERT_TRUE(loaded.has_value());
    EXPECT_EQ(loaded->key_file, folder_.path + "/herder/contexts/keys/prod");
    EXPECT_EQ(loaded->budgets_file, "/etc/herder/budgets.yaml");
}

TEST_F(ContextFilesTest, WhatIsWrongIsToldByItsPlace) {
    EXPECT_EQ(add_context_file("../x", {}).error().code, ErrorCode::kInvalid);
    ASSERT_TRUE(add_context_file("prod", {}).has_value());
    EXPECT_EQ(add_context_file("prod", {}).error().code, ErrorCode::kConflict);
    EXPECT_NE(choose_context("prd").error().message.find("did you mean 'prod'?"),
              std::string::npos);
    EXPECT_EQ(choose_context("../../etc").error().code, ErrorCode::kNotFound);
    std::filesystem::create_directories(folder_.path + "/herder/contexts");
    folder_.write("herder/contexts/bad.yaml", "confirm: perhaps\n");
    const Error wrong = choose_context("bad").error();
    EXPECT_NE(wrong.message.find("contexts/bad.yaml:1:10: error:"), std::string::npos)
        << wrong.message;
}

}  // namespace
}  // namespace herder::cli
