#include "api/log_reader.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "ports/fake_uploads_fixture.h"

namespace herder::api {
namespace {

constexpr WallTime kStart{1'790'000'000'000'000};

struct LogReaderTest : ::testing::Test {
    LogReaderTest() {
        std::string name = ::testing::TempDir() + "herder-reader-XXXXXX";
        folder = mkdtemp(name.data());
    }
    ~LogReaderTest() override { std::filesystem::remove_all(folder); }
    void write(const LogName& name, const std::string& text, Duration later) {
        const std::int64_t offset = logs().size(name);
        const WallTime at = kStart + later;
        ASSERT_TRUE(logs().append(name, {offset, text, {{offset, at, at}}}));
    }
    LogStore& logs() {
        if (!store) store.emplace(LogStore::Options{{.folder = folder}}, objects);
        return *store;
    }
    std::string between(const LogWindow& window) {
        const auto range = find_range(logs(), out, window);
        EXPECT_TRUE(range);
        return logs()
            .read(out, range->begin, 1 << 20)
            .value()
            .substr(0, static_cast<std::size_t>(range->end - range->begin));
    }
    std::string folder;
    FakeUploadStore objects;
    std::optional<LogStore> store;
    const LogName out{{JobId{1}, Fence{1}}, "out"};
};

TEST_F(LogReaderTest, GoesOnFromAttemptToAttempt) {
    write(out, "one\n", {});
    write({{JobId{1}, Fence{3}}, "out"}, "three\n", {});
    LogPlace place{out, 3, 0};
    EXPECT_EQ(read_on(logs(), place, 1 << 20).value(), "one\nthree\n");
    EXPECT_EQ(read_on(logs(), place, 1 << 20).value(), "");
    write({{JobId{1}, Fence{3}}, "out"}, "more\n", {});
    EXPECT_EQ(read_on(logs(), place, 2).value(), "mo");
}

TEST_F(LogReaderTest, SaysWhatIsMissingInTheTextOfAllAttempts) {
    const LogName second{{JobId{1}, Fence{2}}, "out"};
    write(out, "one\n", {});
    write(second, "lost\n", {});
    ASSERT_TRUE(logs().move_out("j1/2.out"));
    write(second, "two\n", {});
    write({{JobId{1}, Fence{3}}, "out"}, "three\n", {});
    objects.objects.clear();
    LogPlace place{out, 3, 0};
    const std::string text = read_all_on(logs(), place, 1 << 20).value();
    EXPECT_TRUE(
        text.starts_with("one\n\n[herder: attempt 2 of j1, out: bytes 0 to 5 of this log "
                         "are lost: "))
        << text;
    EXPECT_TRUE(text.ends_with("]\ntwo\nthree\n")) << text;
    place = {second, 3, 0};
    EXPECT_EQ(read_all_on(logs(), place, 1 << 20).error().code, ErrorCode::kCorrupt)
        << "before the first byte it is an error";
    place = {out, 3, 0};
    EXPECT_EQ(read_on(logs(), place, 1 << 20).value(), "one\n");
    EXPECT_FALSE(read_on(logs(), place, 1 << 20)) << "whoever counts bytes meets it then";
}

TEST_F(LogReaderTest, FindsTheLinesOfATime) {
    write(out, "one\ntw", minutes(0));
    write(out, "o\nthree\n", minutes(10));
    write(out, "four\n", minutes(20));
    EXPECT_EQ(between({}), "one\ntwo\nthree\nfour\n");
    EXPECT_EQ(between({.since = kStart + minutes(5)}), "three\nfour\n") << "whole lines only";
    EXPECT_EQ(between({.until = kStart + minutes(5)}), "one\ntwo\n");
    EXPECT_EQ(between({.since = kStart + minutes(5), .until = kStart + minutes(15)}), "three\n");
    EXPECT_EQ(between({.since = kStart + hours(1)}), "");
    const auto range = find_range(logs(), out, {.since = kStart + minutes(15)});
    EXPECT_EQ(range->first, kStart + minutes(20));
    EXPECT_EQ(range->last, kStart + minutes(20));
}

TEST_F(LogReaderTest, FindsTheLastLines) {
    EXPECT_EQ(find_range(logs(), out, {.tail = 2})->size, 0);
    write(out, "1\n2\n3\n4\n", {});
    EXPECT_EQ(between({.tail = 1}), "4\n");
    EXPECT_EQ(between({.tail = 3}), "2\n3\n4\n");
    EXPECT_EQ(between({.tail = 9}), "1\n2\n3\n4\n");
    write(out, "half", {});
    EXPECT_EQ(between({.tail = 1}), "half");
    std::string long_lines;
    for (int i = 0; i < 300; ++i)
        long_lines += std::string(999, static_cast<char>('a' + i % 26)) + "\n";
    write(out, "\n" + long_lines, {});
    EXPECT_EQ(between({.tail = 200}), long_lines.substr(100 * 1000));
}

TEST_F(LogReaderTest, SaysWhereALogGoesOnBehindWhatIsLost) {
    write(out, std::string(6 << 20, 'x'), {});
    ASSERT_TRUE(logs().move_out("j1/1.out"));
    objects.objects.erase(objects.objects.begin());
    LogPlace place{out, 1, 7};
    const auto text = read_on(logs(), place, 100);
    ASSERT_FALSE(text);
    const Problem why = why_unread(logs(), place, text.error());
    ASSERT_EQ(why.complaints.size(), 1U);
    EXPECT_EQ(why.complaints[0].pointer, "?offset");
    EXPECT_EQ(why.complaints[0].suggestion, "4194304");
    EXPECT_TRUE(why.error.message.starts_with("attempt 1 of j1, out: bytes 0 to 4194304"))
        << why.error.message;
    place.offset = 4'194'304;
    EXPECT_EQ(read_on(logs(), place, 3).value(), "xxx");
}

}  // namespace
}  // namespace herder::api
