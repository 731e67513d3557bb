#include "sim/checker_fixture.h"

namespace herder::sim {

namespace {

struct ControlCheckers : CheckerPlace {
    ControlCheckers() { add_control_checkers(checkers); }
    Commit with_event(std::uint64_t seq) {
        Commit made;
        Event event;
        event.seq = seq;
        event.kind = "row";
        event.row = RowChange{Table::kMeta, "meta", "text"};
        made.events.push_back(event);
        return made;
    }
};

TEST_F(ControlCheckers, GapInTheEventsIsSeen) {
    commit(with_event(1));
    EXPECT_TRUE(stage.violations.empty());
    commit(with_event(3));
    EXPECT_TRUE(is_violated("30 event-log-complete"));
}

TEST_F(ControlCheckers, TablesThatTheEventsDoNotGiveAreSeen) {
    commit(with_event(1));
    for (const auto& checker : checkers)
        checker->on_end(sight());
    EXPECT_TRUE(is_violated("30 event-log-complete"));
}

TEST_F(ControlCheckers, CallThatStaysOpenIsSeen) {
    Intent intent;
    intent.id = IntentId{1};
    intent.phase = rent::Sent{Instant{} + minutes(5)};
    state.intents[intent.id] = intent;
    state.open_intents.insert(intent.id);
    for (const auto& checker : checkers)
        checker->on_minute(sight());
    EXPECT_TRUE(is_violated("31 outbox-drained"));
}

TEST_F(ControlCheckers, SecondSessionOfAnIntentIsSeen) {
    Intent intent;
    intent.id = IntentId{1};
    intent.session_hash = "a";
    state.intents[intent.id] = intent;
    Commit made;
    Event event;
    event.seq = 1;
    event.kind = "agent.joined";
    event.subject = "i1";
    made.events.push_back(event);
    commit(made);
    state.intents[intent.id].session_hash = "b";
    made.events.front().seq = 2;
    commit(made);
    EXPECT_TRUE(is_violated("37 identity"));
}

}  // namespace

TEST(Checkers, EachSaysWhatItHoldsTo) {
    std::set<std::string> names;
    for (const auto& checker : make_checkers()) {
        EXPECT_TRUE(names.insert(checker->name()).second) << checker->name();
        EXPECT_FALSE(std::string(checker->statement()).empty());
    }
    EXPECT_EQ(names.size(), 38U);
}

}  // namespace herder::sim
