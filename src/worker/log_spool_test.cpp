#include "worker/log_spool.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace herder {
namespace {

class Spool : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = ::testing::TempDir() + "herder-spool-XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    std::string folder_;
};

TEST_F(Spool, HidesSecretsBeforeTheyHaveAnOffset) {
    LogSpool spool(folder_);
    spool.append("stdout", "before\n");
    spool.hide({"hf_canary"});
    spool.append("stdout", "x hf_");
    EXPECT_EQ(spool.next_chunks(100)[0].text, "before\nx ");
    spool.append("stdout", "canary y");
    spool.append("stderr", "hf_canary");
    const auto chunks = spool.next_chunks(100);
    EXPECT_EQ(chunks[0].text, "***");
    EXPECT_EQ(chunks[1].text, "before\nx *** y");
    spool.append("stdout", "hf_c");
    spool.release_held();
    EXPECT_EQ(spool.next_chunks(100)[1].text, "before\nx *** yhf_c");
    std::ifstream file(folder_ + "/stdout.0.log");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(text.find("canary"), text.npos);
}

TEST_F(Spool, OffsetsAreDenseAndNothingIsLostWithoutAcknowledgement) {
    LogSpool spool(folder_);
    spool.append("stdout", "hello ");
    spool.append("stdout", "world");
    auto chunks = spool.next_chunks(8);
    ASSERT_EQ(chunks.size(), 1U);
    EXPECT_EQ(chunks[0].offset, 0U);
    EXPECT_EQ(chunks[0].text, "hello wo");
    EXPECT_EQ(spool.next_chunks(8)[0].offset, 0U) << "sent again until acknowledged";
    spool.acknowledge("stdout", 8);
    chunks = spool.next_chunks(8);
    EXPECT_EQ(chunks[0].offset, 8U);
    EXPECT_EQ(chunks[0].text, "rld");
    spool.acknowledge("stdout", 3);
    spool.acknowledge("stdout", 99);
    EXPECT_FALSE(spool.acknowledge("stdout", 8)) << "which was known";
    EXPECT_EQ(spool.next_chunks(8)[0].offset, 8U) << "nonsense is ignored";
    EXPECT_TRUE(spool.acknowledge("stdout", 11));
    EXPECT_TRUE(spool.is_empty());
}

TEST_F(Spool, ForgetsWhatIsAcknowledgedAndGoesOnCounting) {
    LogSpool spool(folder_);
    spool.append("stdout", std::string(5 << 20, 'x'));
    spool.acknowledge("stdout", 5 << 20);
    EXPECT_FALSE(std::filesystem::exists(folder_ + "/stdout.0.log"));
    spool.append("stdout", "more");
    EXPECT_EQ(spool.next_chunks(100)[0].offset, std::uint64_t{5} << 20);
    EXPECT_EQ(spool.next_chunks(100)[0].text, "more");
}

TEST_F(Spool, SendsAgainWhatTheServerLostAndIsStillHere) {
    LogSpool spool(folder_);
    spool.append("stdout", "hello world");
    spool.acknowledge("stdout", 11);
    spool.go_back("stdout", 6);
    EXPECT_FALSE(spool.is_empty());
    EXPECT_EQ(spool.next_chunks(100)[0].offset, 6U);
    EXPECT_EQ(spool.next_chunks(100)[0].text, "world");
    spool.go_back("stdout", 8);
    EXPECT_EQ(spool.next_chunks(100)[0].offset, 6U) << "forward is no way back";
    spool.go_back("stderr", 0);
}

// All that a server holds which takes what comes, from `offset` on.
std::string take_all(LogSpool& spool, std::uint64_t offset) {
    std::string all;
    for (auto chunks = spool.next_chunks(40); !chunks.empty(); chunks = spool.next_chunks(40)) {
        EXPECT_EQ(chunks[0].offset, offset + all.size());
        all += chunks[0].text;
        EXPECT_TRUE(spool.acknowledge("stdout", offset + all.size()));
    }
    return all;
}

std::string missing(std::uint64_t bytes) {
    return "\n[herder: " + std::to_string(bytes) +
           " bytes of this log are missing here: the server lost them after it had taken them, and "
           "the machine had deleted its copy]\n";
}

TEST_F(Spool, SaysHowMuchIsMissingWhereNobodyHasItAnyMore) {
    constexpr std::uint64_t kForgotten = 5 << 20;
    Instant now{};
    LogSpool spool(folder_, LogSpool::kLimit, [&now] { return now; });
    spool.append("stdout", std::string(kForgotten, 'x'));
    spool.acknowledge("stdout", kForgotten);
    now = now + seconds(9);
    spool.append("stdout", "more\n");
    spool.go_back("stdout", 1000);
    EXPECT_EQ(take_all(spool, 1000), missing(kForgotten - 1000) + "more\n");
    spool.append("stdout", "and more\n");
    EXPECT_EQ(take_all(spool, 1000 + missing(kForgotten - 1000).size() + 5), "and more\n");
}

TEST_F(Spool, CountsWhatIsMissingOverSeveralLosses) {
    constexpr std::uint64_t kForgotten = 5 << 20;
    LogSpool spool(folder_);
    spool.append("stdout", std::string(kForgotten, 'x'));
    spool.acknowledge("stdout", kForgotten);
    spool.append("stdout", "more\n");
    spool.go_back("stdout", 1000);
    const std::string first = missing(kForgotten - 1000);
    EXPECT_EQ(take_all(spool, 1000), first + "more\n");
    spool.go_back("stdout", 1010);
    EXPECT_EQ(take_all(spool, 1010), first.substr(10) + "more\n") << "the line itself";
    spool.go_back("stdout", 10);
    EXPECT_EQ(take_all(spool, 10), missing(kForgotten - 10) + "more\n");
    spool.append("stdout", std::string(kForgotten, 'y'));
    take_all(spool, 10 + missing(kForgotten - 10).size() + 5);
    const std::uint64_t end = 10 + missing(kForgotten - 10).size() + 5 + kForgotten;
    spool.go_back("stdout", end - 7);
    EXPECT_EQ(take_all(spool, end - 7), missing(7)) << "earlier losses were told before";
}

TEST_F(Spool, GoesOnWhereAnEarlierProcessWasKilled) {
    {
        LogSpool spool(folder_);
        spool.append("stdout", std::string(5 << 20, 'x'));
        spool.acknowledge("stdout", 5 << 20);
        spool.append("stdout", "the last");
        spool.append("stderr", "oh");
    }
    // Of a process that was killed between making a new file and removing the old one.
    std::ofstream(folder_ + "/stdout.17.log") << "long sent";
    std::ofstream(folder_ + "/stdout.log") << "of no offset";
    LogSpool spool(folder_, LogSpool::kLimit, {}, LogSpool::Before::kGoOn);
    spool.append("stdout", " words");
    const auto chunks = spool.next_chunks(100);
    ASSERT_EQ(chunks.size(), 2U);
    EXPECT_EQ(chunks[0].text, "oh");
    EXPECT_EQ(chunks[1].offset, std::uint64_t{5} << 20);
    EXPECT_EQ(chunks[1].text, "the last words");
    spool.acknowledge("stderr", 2);
    spool.acknowledge("stdout", (5 << 20) + 14);
    EXPECT_TRUE(spool.is_empty());
    EXPECT_TRUE(LogSpool(folder_).is_empty()) << "an agent that begins anew has nothing of it";
}

TEST_F(Spool, GoesOnBehindWhatIsMissingAfterAKill) {
    constexpr std::uint64_t kForgotten = 5 << 20;
    {
        LogSpool spool(folder_);
        spool.append("stdout", std::string(kForgotten, 'x'));
        spool.acknowledge("stdout", kForgotten);
        spool.append("stdout", "more");
        spool.go_back("stdout", 1000);
    }
    LogSpool spool(folder_, LogSpool::kLimit, {}, LogSpool::Before::kGoOn);
    spool.append("stdout", " and more");
    const std::uint64_t begins = spool.next_chunks(100)[0].offset;
    EXPECT_EQ(begins, 1000 + missing(kForgotten - 1000).size());
    EXPECT_EQ(take_all(spool, begins), "more and more");
}

TEST_F(Spool, SaysInTheStreamWhereItDropped) {
    LogSpool spool(folder_, 100);
    spool.append("stdout", std::string(90, 'x'));
    spool.append("stdout", std::string(90, 'y'));
    spool.append("stdout", std::string(90, 'z'));
    const auto text = spool.next_chunks(1000)[0].text;
    EXPECT_EQ(text, std::string(90, 'x') + "\n[herder: output was dropped here]\n");
}

TEST_F(Spool, TellsWhenWhatWasWritten) {
    Instant now{seconds(100).us};
    LogSpool spool(folder_, 1000, [&now] { return now; });
    spool.append("stdout", "ab");
    now = now + milliseconds(400);
    spool.append("stdout", "cd");
    now = now + seconds(5);
    spool.append("stdout", "ef");
    auto written = spool.next_chunks(100)[0].written;
    ASSERT_EQ(written.size(), 2U) << "what comes within a second is of one time";
    EXPECT_EQ(written[0].offset, 0U);
    EXPECT_EQ(written[0].at, Instant{seconds(100).us});
    EXPECT_EQ(written[1].offset, 4U);
    spool.acknowledge("stdout", 3);
    written = spool.next_chunks(1)[0].written;
    ASSERT_EQ(written.size(), 1U);
    EXPECT_EQ(written[0].at, Instant{seconds(100).us}) << "the time of what was not sent yet";
    spool.acknowledge("stdout", 4);
    EXPECT_EQ(spool.next_chunks(100)[0].written[0].at, Instant{milliseconds(105'400).us});
}

TEST_F(Spool, AChunkEndsWhereItsTimesDo) {
    Instant now{};
    LogSpool spool(folder_, 1000, [&now] { return now; });
    for (int second = 0; second < 100; ++second) {
        spool.append("stdout", "x");
        now = now + seconds(1);
    }
    const auto chunk = spool.next_chunks(1000)[0];
    EXPECT_EQ(chunk.text.size(), 64U);
    EXPECT_EQ(chunk.written.size(), 64U);
    spool.acknowledge("stdout", 64);
    EXPECT_EQ(spool.next_chunks(1000)[0].text.size(), 36U);
}

}  // namespace
}  // namespace herder
