#include <gtest/gtest.h>

#include <set>

#include "engine/input_recorder.h"

namespace herder {
namespace {

Output make_output() {
    Output output;
    output.changes.push_back({Table::kJob, "j1", "record"});
    Event event;
    event.seq = 1;
    event.kind = "job.submitted";
    event.fields = {{"name", "digits"}};
    output.events.push_back(event);
    output.effects.emplace_back(effect::DestroyMachine{IntentId{3}, ContractId{9}});
    output.replies.push_back({4, ReplyBody(reply::Submitted{.job = JobId{1}, .plan = {}})});
    output.wake_at = Instant{} + seconds(5);
    return output;
}

TEST(OutputDigest, EqualOutputsHaveEqualDigests) {
    EXPECT_EQ(digest_output(make_output()), digest_output(make_output()));
    EXPECT_EQ(digest_output(make_output()).size(), 64U);
}

TEST(OutputDigest, EveryPartCounts) {
    std::set<std::string> digests{digest_output({}), digest_output(make_output())};
    const auto expect_other = [&](const char* what, const auto& change) {
        Output output = make_output();
        change(output);
        EXPECT_TRUE(digests.insert(digest_output(output)).second) << what;
    };
    expect_other("record", [](Output& o) { o.changes[0].record = "other"; });
    expect_other("removal", [](Output& o) { o.changes[0].record.reset(); });
    expect_other("key", [](Output& o) { o.changes[0].key = "j2"; });
    expect_other("event", [](Output& o) { o.events[0].fields[0].second = "other"; });
    expect_other("effect", [](Output& o) {
        o.effects[0] = effect::DestroyMachine{IntentId{3}, ContractId{10}};
    });
    expect_other("kind of effect", [](Output& o) { o.effects[0] = effect::ListMachines{}; });
    expect_other("who is answered", [](Output& o) { o.replies[0].to = 5; });
    expect_other("answer", [](Output& o) {
        o.replies[0].body = ReplyBody(reply::Submitted{.job = JobId{2}, .plan = {}});
    });
    expect_other("refusal", [](Output& o) { o.replies[0].body = not_found("no such job"); });
    expect_other("wake", [](Output& o) { o.wake_at = o.wake_at + milliseconds(1); });
}

TEST(OutputDigest, PartsDoNotRunIntoEachOther) {
    Output one;
    one.changes.push_back({Table::kJob, "j1", "ab"});
    one.changes.push_back({Table::kJob, "j2", "c"});
    Output other;
    other.changes.push_back({Table::kJob, "j1", "a"});
    other.changes.push_back({Table::kJob, "j2", "bc"});
    EXPECT_NE(digest_output(one), digest_output(other));
}

TEST(OutputDigest, EveryKindOfEffectHasItsOwn) {
    Intent intent;
    intent.id = IntentId{1};
    Checkpoint checkpoint;
    checkpoint.id = CheckpointId{1};
    const std::vector<Effect> effects = {
        effect::CreateMachine{intent, JobId{1}, "image", "token"},
        effect::DestroyMachine{IntentId{1}, ContractId{1}},
        effect::ListMachines{},
        effect::SearchOffers{},
        effect::ReadCharges{1, 2},
        effect::WriteManifest{checkpoint, 1, "team"},
        effect::DeleteObjects{checkpoint, "team"},
        effect::FindOutcome{{JobId{1}, Fence{1}}, "team"},
        effect::LookAtRun{JobId{1}, Fence{1}, "team", {}},
        effect::ReadBootLog{IntentId{1}, ContractId{1}},
        effect::ReadIncreases{},
        effect::ReadMaintenances{{1}},
        effect::AnswerIncrease{1, true},
    };
    std::set<std::string> digests;
    for (const Effect& effect : effects) {
        Output output;
        output.effects.push_back(effect);
        EXPECT_TRUE(digests.insert(digest_output(output)).second) << effect.index();
    }
    EXPECT_EQ(digests.size(), std::variant_size_v<Effect>);
}

}  // namespace
}  // namespace herder
