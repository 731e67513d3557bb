#include "engine/fold_events.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/digest.h"
#include "base/record.h"
#include "core/step/event_records.h"
#include "engine/engine_rig.h"

namespace herder {
namespace {

TEST(FoldEvents, LogOfAWholeStoryTellsTheTables) {
    FakeStore::Content content;
    EngineRig rig(content);
    ASSERT_TRUE(rig.start());
    tell_story(rig);
    EXPECT_GT(content.events.size(), 30U);
    const Status same = check_log_against_tables(rig.store);
    EXPECT_TRUE(same) << same.error().message;
}

TEST(FoldEvents, ChangedRowAndMissingEventAreFound) {
    FakeStore::Content content;
    EngineRig rig(content);
    ASSERT_TRUE(rig.start());
    tell_story(rig);
    const FakeStore::Content sound = content;
    content.rows.at({Table::kJob, "j1"}) += "x";
    EXPECT_EQ(check_log_against_tables(rig.store).error().code, ErrorCode::kCorrupt);
    content = sound;
    content.rows[{Table::kJob, "j9"}] = "x";
    EXPECT_EQ(check_log_against_tables(rig.store).error().code, ErrorCode::kCorrupt);
    content = sound;
    content.events.erase(5);
    EXPECT_EQ(check_log_against_tables(rig.store).error().code, ErrorCode::kCorrupt);
}

std::string golden_path() {
    const std::filesystem::path here(__FILE__);
    return here.parent_path() / ".." / ".." / "tests" / "golden" / "events-v1.log";
}

std::string digest_of(const Tables& tables) {
    std::string all;
    for (const auto& [key, record] : tables) {
        all += std::string(to_string(key.first)) + " " + key.second + " " + to_hex(record) + "\n";
    }
    return sha256_hex(all);
}

// The log that version 1 wrote for the story of engine_rig.h. It is never written again: what can
// be read today must be readable for ever. (HERDER_WRITE_GOLDEN=1 wrote it once.)
TEST(GoldenLog, Version1ReplaysForEver) {
    if (std::getenv("HERDER_WRITE_GOLDEN") != nullptr) {
        FakeStore::Content content;
        EngineRig rig(content);
        ASSERT_TRUE(rig.start());
        tell_story(rig);
        std::string log;
        for (const auto& [seq, event] : content.events) {
            const std::string body = encode_event(event);
            record_detail::put_varint(log, body.size());
            log += body;
        }
        std::ofstream(golden_path(), std::ios::binary) << log;
    }
    std::ifstream file(golden_path(), std::ios::binary);
    ASSERT_TRUE(file) << golden_path();
    const std::string content(std::istreambuf_iterator<char>(file), {});
    std::string_view rest = content;
    Tables tables;
    std::uint64_t events = 0;
    for (std::string_view body; !rest.empty(); ++events) {
        ASSERT_TRUE(record_detail::get_slice(rest, body));
        const auto event = decode_event(body);
        ASSERT_TRUE(event) << event.error().message;
        EXPECT_EQ(event->seq, events + 1);
        fold_event(*event, tables);
    }
    EXPECT_EQ(events, 37U);
    EXPECT_EQ(digest_of(tables),
              "07de7e63d7b39284bc21e6618d9daf2cd4e6dba5ddc54b3d46e1b1a77d699c02");

    Core core(ClusterIdentity{"test", std::string(32, 'k')}, Settings{});
    for (const auto& [key, record] : tables) {
        const Status loaded = core.load_row({key.first, key.second, record});
        ASSERT_TRUE(loaded) << loaded.error().message;
    }
    const Job& job = core.state().jobs.at(JobId{1});
    EXPECT_STREQ(to_string(job.phase), "succeeded");
    EXPECT_EQ(job.spec.name, "digits");
    EXPECT_EQ(core.state().attempts.at({JobId{1}, Fence{1}}).step, 200);
    EXPECT_EQ(core.state().intents.at(IntentId{1}).contract, ContractId{501});
    EXPECT_EQ(core.state().meta.next_event, events + 1);
}

}  // namespace
}  // namespace herder
