#include "worker/disk_room.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "worker/fake_server_fixture.h"

namespace herder {
namespace {

// A disk of 1000 bytes, and what is in a folder takes its place there.
class DiskRoomTest : public ::testing::Test {
  protected:
    std::string at(const std::string& name) const { return folder_.path() + "/" + name; }
    void write(const std::string& name, std::size_t size) const {
        std::ofstream(at(name), std::ios::binary) << std::string(size, 'x');
    }
    std::int64_t free() const {
        std::int64_t taken = 0;
        for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
            taken += static_cast<std::int64_t>(entry.file_size());
        return 1000 - taken;
    }

    TemporaryFolder folder_;
    DiskRoom room_{Bytes{400}, [this] { return free(); }};
};

TEST_F(DiskRoomTest, WhatComesAndWhatWasPromisedHaveToFit) {
    EXPECT_EQ(room_.lacking(600), 0);
    EXPECT_EQ(room_.lacking(601), 1);
    const DiskRoom::Writing coming(room_, 500);
    EXPECT_EQ(room_.lacking(100), 0);
    EXPECT_EQ(room_.coming(), 500);
}

TEST_F(DiskRoomTest, WhatIsHalfThereCountsOnce) {
    DiskRoom::Writing coming(room_, 500);
    coming.begin(at("partial"));
    for (const std::size_t there : {100U, 499U, 500U}) {
        write("partial", there);
        EXPECT_EQ(room_.lacking(100), 0) << there;
    }
    EXPECT_EQ(room_.coming(), 500);
}

TEST_F(DiskRoomTest, WhatIsOnItsWayToTheJobWasPromisedToIt) {
    write("data", 50);  // an older one, which it replaces
    DiskRoom::Writing giving(room_, at("data"));
    for (const std::size_t there : {100U, 400U}) {
        write("data.part", there);
        EXPECT_EQ(room_.lacking(550), 0) << there;
    }
    giving.give(Bytes{400});
    EXPECT_EQ(room_.lacking(550), 0);
    std::filesystem::remove(at("data.part"));
    EXPECT_EQ(room_.lacking(950), 0) << "it has been given";
}

TEST_F(DiskRoomTest, WhatDidNotComeWasNotGiven) {
    {
        const DiskRoom::Writing giving(room_, at("data"));
        const DiskRoom::Writing coming(room_, 100);
        write("data.part", 100);
        EXPECT_EQ(room_.lacking(500), 0);
    }
    std::filesystem::remove(at("data.part"));
    EXPECT_EQ(room_.lacking(600), 0);
    EXPECT_EQ(room_.lacking(601), 1);
}

TEST_F(DiskRoomTest, ADiskThatDoesNotSayHasRoom) {
    const DiskRoom silent(Bytes{400}, [] { return std::nullopt; });
    EXPECT_EQ(silent.lacking(INT64_MAX / 4), 0);
}

}  // namespace
}  // namespace herder
