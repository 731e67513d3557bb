#include "sim/checker_fixture.h"

namespace herder::sim {

namespace {

struct ProviderCheckers : CheckerPlace {
    ProviderCheckers() { add_provider_checkers(checkers); }
    void judge(const ApiReply& reply) {
        CreateCall call;
        call.ask = 7;
        for (const auto& checker : checkers)
            checker->on_judged(sight(), call, reply);
    }
    void pass_minute() {
        for (const auto& checker : checkers)
            checker->on_minute(sight());
    }
};

TEST_F(ProviderCheckers, OfferThatIsAvoidedWithoutARefusalIsSeen) {
    state.avoided_asks[7] = Instant{} + hours(1) + minutes(5);
    judge({.status = 410, .success = false, .error = "no_such_ask"});
    pass_minute();
    EXPECT_FALSE(is_violated("41 no-unearned-blame"));
    state.avoided_asks[8] = Instant{} + hours(1) + minutes(5);
    pass_minute();
    EXPECT_TRUE(is_violated("41 no-unearned-blame"));
}

TEST_F(ProviderCheckers, SuccessIsNoRefusal) {
    state.avoided_asks[7] = Instant{} + hours(1) + minutes(5);
    judge({});
    pass_minute();
    EXPECT_TRUE(is_violated("41 no-unearned-blame"));
}

TEST_F(ProviderCheckers, CallThatComesTooEarlyIsSeen) {
    for (const auto& checker : checkers)
        checker->on_haste(sight(), Route::kDestroy);
    EXPECT_TRUE(is_violated("42 no-haste"));
}

TEST_F(ProviderCheckers, RefusedRentalThatIsListedIsSeen) {
    Commit made;
    Event event;
    event.kind = "rent.found";
    event.subject = "i1";
    event.fields = {{"was", "unknown"}};
    made.events.push_back(event);
    commit(made);
    EXPECT_FALSE(is_violated("43 refused-is-refused"));
    made.events.front().fields = {{"was", "refused"}};
    commit(made);
    EXPECT_TRUE(is_violated("43 refused-is-refused"));
}

}  // namespace

}  // namespace herder::sim
