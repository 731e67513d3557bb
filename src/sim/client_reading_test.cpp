#include "sim/client_reading.h"

#include <gtest/gtest.h>

namespace herder::sim {

namespace {

using input::CallOutcome;

TEST(ClientReading, RefusalForHasteWasNotSentAndSaysHowLongToWait) {
    const ApiReply reply{.status = 429,
                         .success = false,
                         .error = "API requests too frequent",
                         .threshold = milliseconds(4'500)};
    const input::CreateEnded end = read_create(reply);
    EXPECT_EQ(end.outcome, CallOutcome::kRefused);
    EXPECT_TRUE(end.not_sent);
    EXPECT_FALSE(end.offer_gone);
    EXPECT_EQ(end.retry_in, milliseconds(4'500));
    for (std::uint64_t shape = 0; shape < 3; ++shape)
        EXPECT_NE(to_body(reply, shape).find("threshold=4.5"), std::string::npos) << shape;
}

TEST(ClientReading, ErrorThatNamesAContractIsThatMachine) {
    const ApiReply reply{.success = false, .contract = ContractId{7}, .error = "no_such_ask: low"};
    const input::CreateEnded end = read_create(reply);
    EXPECT_EQ(end.outcome, CallOutcome::kRefused);
    EXPECT_EQ(end.contract, ContractId{7});
    EXPECT_EQ(
        to_body(reply, 0),
        R"({"success":false,"error":"no_such_ask","msg":"error: no_such_ask: low","new_contract":7})");
}

TEST(ClientReading, WithoutCreditNoOtherOfferHelps) {
    EXPECT_TRUE(
        read_create({.status = 400, .success = false, .error = "insufficient_credit"}).stop_all);
}

TEST(ClientReading, DestroyIsUnknownWhenAGatewayAnswers) {
    EXPECT_EQ(read_destroy({}), CallOutcome::kDone);
    EXPECT_EQ(read_destroy({.status = 429, .success = false}), CallOutcome::kRefused);
    EXPECT_EQ(read_destroy({.status = 500, .success = false}), CallOutcome::kUnknown);
}

}  // namespace

}  // namespace herder::sim
