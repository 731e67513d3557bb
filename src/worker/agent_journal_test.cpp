#include "worker/agent_journal.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "worker/fake_server_fixture.h"

namespace herder {
namespace {

class Journal : public ::testing::Test {
  protected:
    Journal() {
        note_.intent = {7};
        note_.storage_roots = "PEM";
        note_.memory.fence = {3};
        note_.memory.assignment.emplace().spec.run = "python train.py";
        note_.memory.run_started = Instant{5};
        CheckpointOffer offer;
        offer.local_seq = 4;
        offer.step = 40;
        offer.files = {{"w.bin", {10}, 1, 0644}};
        note_.memory.offers = {offer};
    }
    std::string text() const {
        std::ifstream file(path_, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    void write(const std::string& text) const { std::ofstream(path_, std::ios::binary) << text; }

    TemporaryFolder folder_;
    const std::string path_ = folder_.path() + "/journal";
    const AgentJournal journal_{path_, "the-word"};
    AgentJournal::Note note_;
};

TEST_F(Journal, IsReadByTheNextProcess) {
    ASSERT_TRUE(journal_.save({}));
    ASSERT_TRUE(journal_.save(note_));
    const auto read = AgentJournal(path_, "the-word").load();
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, note_);
    struct stat info{};
    ASSERT_EQ(::stat(path_.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U);
    EXPECT_EQ(text().find("the-word"), std::string::npos) << "the word dismisses the switch";
}

TEST_F(Journal, OfWhichThereIsNone) {
    EXPECT_EQ(journal_.load().error().code, ErrorCode::kNotFound);
    ASSERT_TRUE(journal_.save(note_));
    journal_.remove();
    EXPECT_EQ(journal_.load().error().code, ErrorCode::kNotFound);
}

TEST_F(Journal, OfAnotherStartOfTheMachineIsNotTakenUp) {
    ASSERT_TRUE(AgentJournal(path_, "another word").save(note_));
    const auto read = journal_.load();
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::kConflict);
    EXPECT_NE(read.error().message.find("another start of this machine"), std::string::npos);
}

TEST_F(Journal, TornAnywhereIsNotTakenUp) {
    ASSERT_TRUE(journal_.save(note_));
    const std::string whole = text();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        write(whole.substr(0, size));
        const auto read = journal_.load();
        ASSERT_FALSE(read) << size;
        EXPECT_EQ(read.error().code, ErrorCode::kCorrupt) << size;
    }
    std::string changed = whole;
    changed.back() ^= 1;
    write(changed);
    EXPECT_EQ(journal_.load().error().code, ErrorCode::kCorrupt);
    write(whole);
    EXPECT_TRUE(journal_.load());
}

TEST_F(Journal, WhatCannotBeWrittenLeavesTheOneBefore) {
    ASSERT_TRUE(journal_.save(note_));
    // Where the new one would be made.
    std::filesystem::create_directory(path_ + ".new");
    const Status saved = journal_.save({});
    ASSERT_FALSE(saved);
    EXPECT_NE(saved.error().message.find("making the agent's journal"), std::string::npos);
    EXPECT_EQ(*journal_.load(), note_);
}

TEST_F(Journal, ThatCannotBeReadSaysSo) {
    std::filesystem::create_directory(path_);
    const auto read = journal_.load();
    ASSERT_FALSE(read);
    EXPECT_NE(read.error().message.find(path_), std::string::npos);
}

}  // namespace
}  // namespace herder
