#include "worker/folder_listing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "worker/fake_server_fixture.h"

namespace herder {
namespace {

namespace fs = std::filesystem;

TEST(FolderListing, ListsRegularFilesAndReadsAgainOnlyWhatChanged) {
    TemporaryFolder folder;
    FolderListing listing(folder.path());
    EXPECT_TRUE(listing.list().empty());
    const fs::path run = fs::path(folder.path()) / "run";
    fs::create_directories(run / "checkpoint-1");
    const fs::path state = run / "checkpoint-1/trainer_state.json";
    std::ofstream(state) << R"({"global_step": 1})";
    fs::create_symlink(state, run / "last.ckpt");
    auto files = listing.list();
    ASSERT_EQ(files.size(), 1U);
    EXPECT_EQ(files[0].path, "run/checkpoint-1/trainer_state.json");
    EXPECT_EQ(files[0].size_bytes, 18);
    EXPECT_EQ(files[0].step, 1);

    const auto time = fs::last_write_time(state);
    std::ofstream(state) << R"({"global_step": 2})";  // as large, and said to be as old
    fs::last_write_time(state, time);
    EXPECT_EQ(listing.list()[0].step, 1);
    fs::last_write_time(state, time + std::chrono::seconds(1));
    EXPECT_EQ(listing.list()[0].step, 2);
}

TEST(FolderListing, AFolderThatIsNotThereHasNoFiles) {
    FolderListing listing("/nonexistent/folder");
    EXPECT_TRUE(listing.list().empty());
    EXPECT_EQ(listing.cut(), "");
}

TEST(FolderListing, SaysThatItDoesNotHoldAllFiles) {
    TemporaryFolder folder;
    const fs::path here = folder.path();
    std::ofstream(here / "a.pt") << "a";
    std::ofstream(here / "b.pt") << "b";
    FolderListing listing(folder.path(), 2);
    EXPECT_EQ(listing.list().size(), 2U);
    EXPECT_EQ(listing.cut(), "");
    std::ofstream(here / "c.pt") << "c";
    EXPECT_EQ(listing.list().size(), 2U);
    EXPECT_EQ(listing.cut(), "it has more than 2 files");
    fs::remove(here / "a.pt");
    listing.list();
    EXPECT_EQ(listing.cut(), "");

    fs::path deep = here;
    for (int i = 0; i < 16; ++i)
        deep /= "d";
    fs::create_directories(deep);
    listing.list();
    EXPECT_EQ(listing.cut(), "");
    fs::create_directories(deep / "d");
    listing.list();
    EXPECT_EQ(listing.cut(), "it has folders more than 16 deep");
}

TEST(FolderListing, AFolderThatCannotBeReadIsCut) {
    TemporaryFolder folder;
    std::ofstream(folder.path() + "/file") << "x";
    FolderListing listing(folder.path() + "/file");
    EXPECT_TRUE(listing.list().empty());
    EXPECT_NE(listing.cut().find("it cannot be read: "), std::string::npos);
}

}  // namespace
}  // namespace herder
