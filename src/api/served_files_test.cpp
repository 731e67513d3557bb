#include "api/served_files.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/digest.h"

namespace herder::api {
namespace {

namespace fs = std::filesystem;

struct ServedFiles : ::testing::Test {
    ServedFiles() {
        std::string name = ::testing::TempDir() + "herder-served-XXXXXX";
        place = mkdtemp(name.data());
        folder = place + "/served";
        agent = place + "/herder-agent";
    }
    ~ServedFiles() override { fs::remove_all(place); }
    void write(const std::string& text) const { std::ofstream(agent, std::ios::binary) << text; }
    static std::string read(const std::string& path) {
        std::ostringstream text;
        text << std::ifstream(path, std::ios::binary).rdbuf();
        return text.str();
    }
    std::string place, folder, agent;
};

TEST_F(ServedFiles, AFileThatIsReplacedIsStillThereAsItWas) {
    write("first");
    const auto first = keep_served(agent, folder);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->sha256, sha256_hex("first"));
    write("second");  // in place, as a careless copy does it
    EXPECT_EQ(read(first->path), "first");
    const auto second = keep_served(agent, folder);
    ASSERT_TRUE(second);
    const auto files = served_files(folder);
    ASSERT_EQ(files.size(), 2U);
    EXPECT_EQ(read(files.at(sha256_hex("first"))), "first") << "for machines that were told of it";
    EXPECT_EQ(read(files.at(sha256_hex("second"))), "second");
}

TEST_F(ServedFiles, ADamagedCopyIsMadeAnew) {
    write("agent");
    const auto kept = keep_served(agent, folder);
    ASSERT_TRUE(kept);
    std::ofstream(kept->path) << "age";
    ASSERT_TRUE(keep_served(agent, folder));
    EXPECT_EQ(read(kept->path), "agent");
}

TEST_F(ServedFiles, TheOldestGoAndOthersFilesAreNone) {
    for (int i = 0; i < 15; ++i) {
        write("version " + std::to_string(i));
        const auto kept = keep_served(agent, folder);
        ASSERT_TRUE(kept);
        fs::last_write_time(kept->path, fs::file_time_type{} + std::chrono::hours(i));
    }
    std::ofstream(folder + "/readme") << "x";
    const auto files = served_files(folder);
    EXPECT_EQ(files.size(), 12U);
    EXPECT_FALSE(files.contains(sha256_hex("version 2")));
    EXPECT_TRUE(files.contains(sha256_hex("version 3")));
    EXPECT_FALSE(fs::exists(folder + "/" + sha256_hex("version 0")));
    EXPECT_TRUE(fs::exists(folder + "/readme"));
}

TEST_F(ServedFiles, AFileThatIsNotThereIsSaid) {
    EXPECT_EQ(keep_served(agent, folder).error().code, ErrorCode::kUnavailable);
}

TEST_F(ServedFiles, WithoutRoomForACopyTheFileItselfIsServed) {
    write("agent");
    std::ofstream(folder) << "a file where the folder should be";
    const auto kept = keep_served(agent, folder);
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->path, agent);
    EXPECT_TRUE(served_files(folder).empty());
}

}  // namespace
}  // namespace herder::api
