#include "adapters/providers/vast/outcome.h"

#include <gtest/gtest.h>

namespace herder::vast {
namespace {

using input::CallOutcome;

http::CallResult answer(int status, std::string body) {
    http::Response response;
    response.status = status;
    response.body = std::move(body);
    return response;
}
http::CallResult broken(bool maybe_sent) {
    return http::CallError{{ErrorCode::kTimedOut, "PUT https://market: timed out"}, maybe_sent};
}

struct CreateRow {
    const char* name;
    int status;
    const char* body;
    CallOutcome outcome;
    std::int64_t contract;
    bool offer_gone;
    bool stop_all;
};

constexpr CallOutcome kDone = CallOutcome::kDone;
constexpr CallOutcome kRefused = CallOutcome::kRefused;
constexpr CallOutcome kUnknown = CallOutcome::kUnknown;

// Every row of the API reference's section 2.2, with the quirks Q4, Q5, Q7 and Q8.
const CreateRow kCreateRows[] = {
    {"created", 200, R"({"success":true,"new_contract":50381086,"instance_api_key":"d15a"})", kDone,
     50'381'086, false, false},
    {"created, success not said", 200, R"({"new_contract":5})", kDone, 5, false, false},
    {"success without contract", 200, R"({"success":true})", kUnknown, 0, false, false},
    {"empty body", 200, "", kUnknown, 0, false, false},
    {"truncated", 200, R"({"success":true,"new_con)", kUnknown, 0, false, false},
    {"html success", 200, "<html>", kUnknown, 0, false, false},
    {"soft refusal", 200, R"({"success":false,"error":"x"})", kRefused, 0, false, false},
    {"soft refusal with machine", 200, R"({"success":false,"new_contract":7})", kRefused, 7, false,
     false},
    {"400 with machine", 400, R"({"success":false,"msg":"bid too low","new_contract":7})", kRefused,
     7, false, false},
    {"bad input", 400,
     R"({"success":false,"error":"invalid_args","msg":"error 400/3471: Invalid args: len(args) > N"})",
     kRefused, 0, false, false},
    {"invalid price", 400, R"({"success":false,"error":"invalid_price"})", kRefused, 0, false,
     false},
    {"no credit", 400, R"({"success":false,"error":"insufficient_credit"})", kRefused, 0, false,
     true},
    {"gone as 404", 404,
     R"({"success":false,"error":"invalid_args","msg":"error 404/3603: no_such_ask Instance type by id 7 is not available.","ask_id":7})",
     kRefused, 0, true, false},
    {"gone wrapped in 400", 400,
     R"({"success":false,"error":"invalid_args","msg":"error 404/3603: no_such_ask Instance type by id 7 is not available."})",
     kRefused, 0, true, false},
    {"gone as text", 400, "error 404/3603: no_such_ask Instance type by id 7 is not available.",
     kRefused, 0, true, false},
    {"cannot start now", 410,
     R"({"success":false,"error":"no_such_ask","msg":"error 410/3907: no_such_ask Instance type 7 is no longer available."})",
     kRefused, 0, true, false},
    {"race", 409, R"({"success":false})", kRefused, 0, true, false},
    {"bad key as 404", 404, R"({"success":false,"error":"auth_error","msg":"Invalid user key"})",
     kRefused, 0, false, true},
    {"deleted key", 401, "", kRefused, 0, false, true},
    {"not your own", 403,
     R"({"success":false,"error":"invalid_args","msg":"error 403/3586: Offer 7 is not your own. Hosts can only rent their own machines."})",
     kRefused, 0, false, false},
    {"spend cap", 400, R"({"success":false,"error":"spend_rate_limit"})", kRefused, 0, false, true},
    {"too frequent", 429, R"({"detail":"API requests too frequent endpoint threshold=4.5"})",
     kRefused, 0, false, false},
    {"too frequent, text", 429, "API requests too frequent", kRefused, 0, false, false},
    {"gateway's own 4xx", 403, "<html>blocked</html>", kUnknown, 0, false, false},
    {"request timeout", 408, R"({"detail":"timeout"})", kUnknown, 0, false, false},
    {"redirect", 301, "", kUnknown, 0, false, false},
    {"server error", 500, "server_error Something went wrong on the server", kUnknown, 0, false,
     false},
    {"server error with machine", 500, R"({"success":false,"new_contract":9})", kUnknown, 9, false,
     false},
    {"gateway", 502, "<html>502</html>", kUnknown, 0, false, false},
    {"gateway timeout", 504, "", kUnknown, 0, false, false},
};

TEST(CreateOutcome, WholeTable) {
    for (const CreateRow& row : kCreateRows) {
        const CreateAnswer got = classify_create(answer(row.status, row.body));
        EXPECT_EQ(static_cast<int>(got.outcome), static_cast<int>(row.outcome)) << row.name;
        EXPECT_EQ(got.contract, ContractId{row.contract}) << row.name;
        EXPECT_EQ(got.offer_gone, row.offer_gone) << row.name;
        EXPECT_EQ(got.stop_all, row.stop_all) << row.name;
        EXPECT_EQ(got.not_sent, row.status == 429) << row.name;
        EXPECT_EQ(got.detail.empty(), row.outcome == kDone) << row.name;
    }
}

TEST(CreateOutcome, ARefusalForHasteSaysNothingAboutTheOffer) {
    for (
        const char* body :
        {"API requests too frequent", "API requests too frequent: endpoint threshold=4.5",
         R"({"detail":"API requests too frequent endpoint threshold=4.5"})",
         R"({"success":false,"error":"rate_limit_exceeded","msg":"API requests too frequent endpoint threshold=4.5"})"}) {
        const CreateAnswer got = classify_create(answer(429, body));
        EXPECT_EQ(got.outcome, kRefused) << body;
        EXPECT_TRUE(got.not_sent) << body;
        EXPECT_FALSE(got.offer_gone) << body;
        EXPECT_FALSE(got.stop_all) << body;
        const bool names_it = std::string_view(body).find("threshold=") != std::string_view::npos;
        EXPECT_EQ(got.retry_in, names_it ? milliseconds(4'500) : Duration{}) << body;
    }
}

TEST(CreateOutcome, ARefusalForHasteThatNamesAMachineIsThatMachine) {
    const CreateAnswer got = classify_create(answer(429, R"({"success":false,"new_contract":7})"));
    EXPECT_EQ(got.contract, ContractId{7});
    EXPECT_FALSE(got.not_sent);
}

TEST(CreateOutcome, WithoutAnAnswerOnlyWhatWasNeverSentIsRefused) {
    EXPECT_EQ(classify_create(broken(true)).outcome, kUnknown);
    EXPECT_FALSE(classify_create(broken(true)).not_sent);
    EXPECT_EQ(classify_create(broken(false)).outcome, kRefused);
    EXPECT_TRUE(classify_create(broken(false)).not_sent);
}

TEST(DestroyOutcome, WholeTable) {
    const auto outcome = [](int status, std::string body) {
        return classify_destroy(answer(status, std::move(body))).outcome;
    };
    EXPECT_EQ(outcome(200, R"({"success":true,"msg":"Instance destroyed successfully"})"), kDone);
    EXPECT_EQ(outcome(404, R"({"success":false,"error":"no_such_instance"})"), kDone);
    EXPECT_EQ(outcome(404, R"({"success":false,"error":"not_found"})"), kDone);
    EXPECT_EQ(outcome(200, R"({"success":false,"error":"no_such_instance"})"), kDone);
    EXPECT_EQ(outcome(404, R"({"success":false,"error":"auth_error","msg":"Invalid user key"})"),
              kRefused)
        << "a bad key proves nothing";
    EXPECT_EQ(outcome(404, "<html>"), kUnknown);
    EXPECT_EQ(outcome(400, R"({"success":false,"error":"invalid_args"})"), kRefused);
    EXPECT_EQ(outcome(429, "API requests too frequent"), kRefused);
    EXPECT_EQ(outcome(200, ""), kUnknown);
    EXPECT_EQ(outcome(200, "{}"), kUnknown);
    EXPECT_EQ(outcome(502, ""), kUnknown);
    EXPECT_EQ(classify_destroy(broken(true)).outcome, kUnknown);
    EXPECT_EQ(classify_destroy(broken(false)).outcome, kRefused);
}

TEST(ChangeOutcome, WholeTable) {
    const auto outcome = [](int status, std::string body) {
        return classify_change(answer(status, std::move(body))).outcome;
    };
    EXPECT_EQ(outcome(200, R"({"success":true})"), kDone);
    EXPECT_EQ(outcome(404, R"({"success":false,"error":"no_such_instance"})"), kRefused);
    EXPECT_EQ(outcome(400, R"({"success":false,"error":"invalid_args"})"), kRefused);
    EXPECT_EQ(outcome(503, ""), kUnknown);
    EXPECT_EQ(classify_change(broken(true)).outcome, kUnknown);
}

TEST(StartOutcome, AQueuedStartIsAnOutcomeOfItsOwn) {
    const auto outcome = [](int status, std::string body) {
        return classify_start(answer(status, std::move(body)));
    };
    constexpr const char* kQueued =
        R"({"success":false,"error":"resources_unavailable","msg":"Required resources are currently unavailable, state change queued."})";
    for (const int status : {200, 400}) {
        const CallAnswer queued = outcome(status, kQueued);
        EXPECT_EQ(queued.outcome, kRefused);
        EXPECT_TRUE(queued.queued);
    }
    EXPECT_EQ(outcome(200, R"({"success":true})").outcome, kDone);
    const CallAnswer broke = outcome(400, R"({"success":false,"error":"missing_billing"})");
    EXPECT_EQ(broke.outcome, kRefused);
    EXPECT_FALSE(broke.queued);
    EXPECT_FALSE(outcome(502, "").queued);
    EXPECT_EQ(classify_start(broken(true)).outcome, kUnknown);
}

TEST(CreateOutcome, TheMachinesOwnKeyIsHandedOnButNeverShown) {
    const auto done = classify_create(
        answer(200, R"({"success":true,"new_contract":50381086,"instance_api_key":"d15a0c"})"));
    EXPECT_EQ(done.machine_key, "d15a0c");
    const auto stopped = classify_create(answer(
        400, R"({"success":false,"error":"bid","new_contract":5,"instance_api_key":"d15a0c"})"));
    EXPECT_EQ(stopped.machine_key, "d15a0c") << "it can destroy that machine";
    EXPECT_EQ(stopped.detail.find("d15a0c"), std::string::npos);
}

TEST(ReadError, AMissingRightIsToldFromAWrongKey) {
    for (const int status : {401, 403}) {
        const auto error = find_read_error(
            parse_reply(status, R"({"msg":"Your key lacks the machine_read permission group"})"));
        EXPECT_EQ(error->code, ErrorCode::kForbidden);
        EXPECT_NE(error->message.find("machine_read"), std::string::npos);
    }
}

TEST(ReadError, TellsWhatToDoWithIt) {
    const auto code = [](int status, const char* body) -> std::optional<ErrorCode> {
        const auto error = find_read_error(parse_reply(status, body));
        if (!error) return std::nullopt;
        return error->code;
    };
    EXPECT_EQ(code(200, R"({"offers":[]})"), std::nullopt);
    EXPECT_EQ(code(200, R"({"success":true})"), std::nullopt);
    EXPECT_EQ(code(404, R"({"error":"auth_error","msg":"Invalid user key"})"),
              ErrorCode::kUnauthenticated);
    EXPECT_EQ(code(429, ""), ErrorCode::kRateLimited);
    EXPECT_EQ(code(502, "<html>"), ErrorCode::kUnavailable);
    EXPECT_EQ(code(200, R"({"success":false,"error":"Invalid date range"})"),
              ErrorCode::kUnavailable);
    EXPECT_EQ(code(200, "not json"), ErrorCode::kCorrupt);
    EXPECT_EQ(code(400, R"({"error":"invalid_request"})"), ErrorCode::kInvalid);
    EXPECT_EQ(code(301, ""), ErrorCode::kInvalid);
}

}  // namespace
}  // namespace herder::vast
