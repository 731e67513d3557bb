#include "sim/checker_fixture.h"

namespace herder::sim {

namespace {

struct MoneyCheckers : CheckerPlace {
    MoneyCheckers() { add_money_checkers(checkers); }
    Rental rental(std::uint64_t intent, std::int64_t contract) {
        Rental made;
        made.id = ContractId{contract};
        made.intent = IntentId{intent};
        return made;
    }
};

TEST_F(MoneyCheckers, SecondMachineOfAnIntentIsSeen) {
    for (const auto& checker : checkers)
        checker->on_created(sight(), rental(1, 10));
    EXPECT_TRUE(stage.violations.empty());
    for (const auto& checker : checkers)
        checker->on_created(sight(), rental(1, 11));
    EXPECT_TRUE(is_violated("2 one-machine-per-intent"));
}

TEST_F(MoneyCheckers, CreateWithoutARowIsSeen) {
    CreateCall call;
    call.intent = IntentId{3};
    for (const auto& checker : checkers)
        checker->on_create_sent(sight(), call);
    EXPECT_TRUE(is_violated("3 no-call-without-row"));
}

TEST_F(MoneyCheckers, UnwantedMachineIsALeakAfterHalfAnHour) {
    CreateCall call;
    call.intent = IntentId{3};
    call.ask = provider.offers("", 1).front().ask;
    call.disk = gigabytes(1);
    provider.create(call, false);
    for (int minute = 0; minute < 30; ++minute) {
        for (const auto& checker : checkers)
            checker->on_minute(sight());
    }
    EXPECT_FALSE(is_violated("1 no-leak"));
    for (const auto& checker : checkers)
        checker->on_minute(sight());
    EXPECT_TRUE(is_violated("1 no-leak"));
}

TEST_F(MoneyCheckers, StrangersMachineIsNotToBeDestroyed) {
    const ContractId stranger = provider.rent_to_stranger("notebook");
    for (const auto& checker : checkers)
        checker->on_destroy_sent(sight(), stranger);
    EXPECT_TRUE(is_violated("10 foreign-safe"));
}

TEST_F(MoneyCheckers, MissingCentIsSeenAtTheEnd) {
    CreateCall call;
    call.intent = IntentId{3};
    call.ask = provider.offers("", 1).front().ask;
    call.disk = gigabytes(100);
    const ContractId id = provider.create(call, false);
    while (stage.schedule.run_next(Instant{} + hours(2))) {
    }
    provider.find(id)->ignored_destroys = 0;
    provider.destroy(id);
    for (const auto& checker : checkers)
        checker->on_end(sight());
    EXPECT_TRUE(is_violated("6 ledger"));
}

TEST_F(MoneyCheckers, ReservationOfAFinishedRentalIsSeen) {
    Intent intent;
    intent.id = IntentId{1};
    intent.phase = rent::Settled{};
    intent.reserved = usd_cents(1);
    state.intents[intent.id] = intent;
    for (int minute = 0; minute < 30; ++minute) {
        for (const auto& checker : checkers)
            checker->on_minute(sight());
    }
    EXPECT_TRUE(is_violated("7 reserve"));
}

}  // namespace

}  // namespace herder::sim
