#include "cli/pulled_file.h"

#include "base/digest.h"
#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

struct PulledFileTest : ::testing::Test {
    FakeServer server;
    const TestFolder here;
    PulledFile file{"/jobs/j1/outputs/a/b", "a/b", here.path, "", std::nullopt};

    Result<std::string> pull() {
        server.answer("GET /jobs/j1/outputs/a/b", "text");
        GlobalOptions options;
        options.server_url = server.url();
        options.data_dir = server.folder();
        auto link = ServerLink::open(options);
        EXPECT_TRUE(link);
        return pull_file(*link, file);
    }
};

TEST_F(PulledFileTest, LiesWhereItsNameSays) {
    file.sha256 = sha256_hex("text");
    file.crc32c = crc32c("text");
    const auto place = pull();
    ASSERT_TRUE(place) << place.error().message;
    EXPECT_EQ(*place, here.path + "/a/b");
    EXPECT_EQ(std::filesystem::file_size(*place), 4U);
}

TEST_F(PulledFileTest, IsNotKeptWhereTheChecksumDiffers) {
    file.crc32c = crc32c("tixt");
    EXPECT_EQ(pull().error().code, ErrorCode::kCorrupt);
    EXPECT_TRUE(std::filesystem::is_empty(here.path + "/a"));
}

TEST_F(PulledFileTest, SaysWhyItCannotBeWritten) {
    here.write("a", "a file where a folder should be");
    EXPECT_NE(pull().error().message.find("/a': Not a directory"), std::string::npos);
    std::filesystem::remove(here.path + "/a");
    std::filesystem::create_directories(here.path + "/a/.b.part");
    EXPECT_NE(pull().error().message.find("/a/.b.part': Is a directory"), std::string::npos);
}

TEST_F(PulledFileTest, LeavesOtherFilesAlone) {
    here.write("a/b.part", "another output");
    ASSERT_TRUE(pull());
    EXPECT_TRUE(std::filesystem::exists(here.path + "/a/b.part"));
}

TEST_F(PulledFileTest, IsKnownWhenItLiesThere) {
    file.sha256 = sha256_hex("text");
    EXPECT_FALSE(is_pulled(file, 4));
    std::int64_t bytes = 0;
    file.on_bytes = [&bytes](std::int64_t more) { bytes += more; };
    ASSERT_TRUE(pull());
    EXPECT_EQ(bytes, 4);
    EXPECT_TRUE(is_pulled(file, 4));
    EXPECT_FALSE(is_pulled(file, 5));
    here.write("a/b", "tixt");
    EXPECT_FALSE(is_pulled(file, 4)) << "it was changed here";
    file.sha256.clear();
    EXPECT_FALSE(is_pulled(file, 4)) << "nobody knows";
}

TEST_F(PulledFileTest, NeverLeavesTheFolder) {
    for (const char* name : {"../x", "/etc/x", "a/../../x", ""}) {
        file.name = name;
        EXPECT_EQ(pull().error().code, ErrorCode::kInvalid) << name;
    }
}

}  // namespace
}  // namespace herder::cli
