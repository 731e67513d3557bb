// Every file of tests/corpus: the good ones pass without a word, the bad ones say exactly what
// their .golden file holds. HERDER_UPDATE_GOLDEN=1 rewrites the golden files; read them then.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "config/budgets.h"
#include "config/gpu_profiles.h"
#include "config/job_file.h"
#include "config/shipped.h"

namespace herder::config {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = HERDER_SOURCE_DIR;

std::string read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

std::vector<fs::path> files_in(const fs::path& folder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() == ".yaml") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

Profiles profiles_of_repository() {
    const std::string text = read(kSource / "config/gpu_profiles.yaml");
    Diagnostics out("gpu_profiles.yaml", text);
    Profiles profiles = parse_profiles(text, out);
    EXPECT_EQ(out.to_text(), "");
    return profiles;
}

std::string said_about(const std::string& kind, const fs::path& file) {
    const std::string text = read(file);
    Diagnostics out(file.filename().string(), text);
    if (kind == "job") {
        (void)parse_job(text, profiles_of_repository(), JobOptions{}, out);
    } else if (kind == "profiles") {
        (void)parse_profiles(text, out);
    } else {
        (void)parse_budgets(text, out);
    }
    return out.to_text();
}

class Corpus : public testing::TestWithParam<const char*> {
  protected:
    fs::path folder(const char* verdict) const {
        return kSource / "tests/corpus" / GetParam() / verdict;
    }
};

TEST_P(Corpus, GoodFilesPassWithoutAWord) {
    for (const fs::path& file : files_in(folder("good"))) {
        EXPECT_EQ(said_about(GetParam(), file), "") << file;
    }
}

TEST_P(Corpus, BadFilesSayWhatTheirGoldenFileHolds) {
    const bool update = std::getenv("HERDER_UPDATE_GOLDEN") != nullptr;
    for (const fs::path& file : files_in(folder("bad"))) {
        const std::string said = said_about(GetParam(), file);
        EXPECT_NE(said.find(": error: "), std::string::npos) << file;
        const fs::path golden = fs::path(file).replace_extension(".golden");
        if (update) std::ofstream(golden, std::ios::binary) << said;
        EXPECT_EQ(said, read(golden)) << file;
    }
}

INSTANTIATE_TEST_SUITE_P(Kinds, Corpus, testing::Values("job", "profiles", "budgets"));

TEST(Shipped, ProfilesHaveTheReferenceValues) {
    const Profiles profiles = profiles_of_repository();
    const auto line = [](const Profile& p) {
        return p.name + " " + *p.gpu_name + " " + std::to_string(*p.gpu_count) + " " +
               to_decimal(p.price_max->amount) + " " + std::to_string(*p.reliability_min_ppm) +
               " " + to_text(*p.max_duration);
    };
    ASSERT_EQ(profiles.all.size(), 4U);
    EXPECT_EQ(line(profiles.all[0]), "dev-test RTX_4090 1 0.25 900000 2h 00m");
    EXPECT_EQ(line(profiles.all[1]), "training-standard A100 1 2 980000 1d 00h");
    EXPECT_EQ(line(profiles.all[2]), "training-distributed H100_SXM 4 4 990000 2d 00h");
    EXPECT_EQ(line(profiles.all[3]), "inference-batch RTX_4090 1 0.15 950000 4h 00m");
}

TEST(Shipped, ProfilesArePartOfTheProgram) {
    EXPECT_EQ(shipped_profiles(), read(kSource / "config/gpu_profiles.yaml"));
}

TEST(Shipped, BudgetsAreValid) {
    const std::string text = read(kSource / "config/budgets.yaml");
    Diagnostics out("budgets.yaml", text);
    EXPECT_FALSE(parse_budgets(text, out).empty());
    EXPECT_EQ(out.to_text(), "");
}

TEST(Shipped, ExamplesAreValidJobs) {
    int seen = 0;
    for (const auto& entry : fs::directory_iterator(kSource / "examples")) {
        const fs::path file = entry.path() / "job.yaml";
        if (!fs::exists(file)) continue;
        ++seen;
        EXPECT_EQ(said_about("job", file), "") << file;
    }
    EXPECT_GT(seen, 0);
}

}  // namespace
}  // namespace herder::config
