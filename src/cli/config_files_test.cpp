#include "cli/config_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace herder::cli {
namespace {

struct Folder {
    Folder() {
        std::string name = "/tmp/herder-config-XXXXXX";
        if (mkdtemp(name.data()) == nullptr) ADD_FAILURE() << "no folder below /tmp";
        path = name;
    }
    ~Folder() { std::filesystem::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::string write(const std::string& name, const std::string& text) const {
        const std::string file = path + "/" + name;
        std::ofstream(file, std::ios::binary) << text;
        return file;
    }
    std::string path;
};

TEST(ConfigFiles, AFileGivenIsTheOnlyOne) {
    const Folder here;
    const auto loaded = load_profiles(here.write("p.yaml", "profiles: {own: {num_gpus: 2}}\n"));
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->merged.names(), std::vector<std::string>{"own"});
}

TEST(ConfigFiles, TheShippedProfilesAreAlwaysThere) {
    const auto loaded = load_profiles("");
    ASSERT_TRUE(loaded);
    EXPECT_NE(loaded->merged.find("dev-test"), nullptr);
}

TEST(ConfigFiles, TheBudgetsOfAFileGiven) {
    const Folder here;
    const auto loaded =
        load_budgets(here.write("b.yaml", "budgets: {nlp: {scope: {project: nlp}, limit: 5}}\n"));
    ASSERT_TRUE(loaded && *loaded);
    ASSERT_EQ((*loaded)->budgets.size(), 1U);
    EXPECT_EQ((*loaded)->budgets[0].name, "nlp");
    EXPECT_EQ((*loaded)->budgets[0].limit, usd_cents(500));
}

TEST(ConfigFiles, BudgetsWithAnErrorAreRefusedAsAWhole) {
    const Folder here;
    const auto loaded =
        load_budgets(here.write("b.yaml", "budgets: {a: {limit: 5}, b: {limt: 5}}\n"));
    ASSERT_FALSE(loaded);
    EXPECT_NE(loaded.error().message.find("limt"), std::string::npos);
}

TEST(ConfigFiles, TheNearestBudgetsAreFound) {
    const Folder here;
    const std::filesystem::path before = std::filesystem::current_path();
    std::filesystem::create_directories(here.path + "/config");
    here.write("config/budgets.yaml", "budgets: {farther: {limit: 5}}\n");
    here.write("budgets.yaml", "budgets: {nearer: {limit: 5}}\n");
    std::filesystem::current_path(here.path);
    const auto loaded = load_budgets("");
    std::filesystem::current_path(before);
    ASSERT_TRUE(loaded && *loaded);
    EXPECT_EQ((*loaded)->file, "budgets.yaml");
    EXPECT_EQ((*loaded)->budgets.at(0).name, "nearer");
}

TEST(ConfigFiles, AMissingFileIsNamed) {
    const auto loaded = load_job("/nowhere/job.yaml", {}, {});
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, ErrorCode::kNotFound);
    EXPECT_NE(loaded.error().message.find("/nowhere/job.yaml"), std::string::npos);
}

TEST(ConfigFiles, AJobWithoutANameIsCalledAfterItsFile) {
    const Folder here;
    const auto loaded = load_job(here.write("Big_run.yaml", "run: x\n"), {}, {});
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->job.spec.name, "big-run");
}

TEST(ConfigFiles, SetsAreKeysAndValues) {
    const auto set = parse_set("env.A=b=c");
    ASSERT_TRUE(set);
    EXPECT_EQ(set->first, "env.A");
    EXPECT_EQ(set->second, "b=c");
    EXPECT_FALSE(parse_set("novalue"));
}

}  // namespace
}  // namespace herder::cli
