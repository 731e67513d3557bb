#include "adapters/providers/vast/manage_json.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace herder::vast {
namespace {

TEST(Manage, BodiesAreWhatTheMarketReads) {
    EXPECT_EQ(encode_state(false), R"({"state":"stopped"})");
    EXPECT_EQ(encode_states(true, {{5}, {6}}), R"({"state":"running","ids":[5,6]})");
    EXPECT_EQ(encode_contracts({{5}, {6}}), R"({"instance_ids":[5,6]})");
    EXPECT_EQ(encode_label("a\"b").value(), R"({"label":"a\"b"})");
    EXPECT_EQ(encode_label(std::string(1'025, 'x')).error().code, ErrorCode::kInvalid);
}

TEST(Manage, ALogIsAskedForWithStrings) {
    EXPECT_EQ(encode_log_request({}).value(), R"({"tail":"1000"})");
    const LogQuery query{.lines = 5, .filter = "error", .host_side = true};
    EXPECT_EQ(encode_log_request(query).value(),
              R"({"tail":"5","filter":"error","daemon_logs":"true"})");
    for (const int lines : {0, -1, 100'001}) {
        LogQuery wrong;
        wrong.lines = lines;
        EXPECT_EQ(encode_log_request(wrong).error().code, ErrorCode::kInvalid);
    }
}

TEST(Manage, OnlyTheThreeCommandsAreSent) {
    EXPECT_EQ(encode_command("ls -l /workspace").value(), R"({"command":"ls -l /workspace"})");
    EXPECT_TRUE(encode_command("du").has_value());
    for (const std::string& command :
         {std::string("cat /etc/passwd"), std::string("lsof"), std::string(), std::string("ls\nrm"),
          "ls " + std::string(512, 'x')})
        EXPECT_EQ(encode_command(command).error().code, ErrorCode::kInvalid) << command;
}

TEST(Manage, TheAddressOfAResultIsChecked) {
    EXPECT_EQ(
        parse_result_url(R"({"success":true,"result_url":"https://s3.example.org/x.log"})").value(),
        "https://s3.example.org/x.log");
    for (const char* body : {"", "[]", "{}", R"({"result_url":null})",
                             R"({"result_url":"file:///etc/passwd"})", R"({"result_url":7})"})
        EXPECT_EQ(parse_result_url(body).error().code, ErrorCode::kCorrupt) << body;
}

TEST(Manage, DepositsAreReadInTheMarketsMonths) {
    EXPECT_EQ(encode_deposit(usd_cents(5'000)).value(), R"({"amount":5E1})");
    EXPECT_FALSE(encode_deposit({}).has_value());
    const auto terms =
        parse_deposit_terms(R"({"success":true,"timescale":0.5,"discount_rate":0.035})");
    EXPECT_EQ(terms.value(), (DepositTerms{.covers = hours(360), .discount_ppm = 35'000}));
    EXPECT_FALSE(parse_deposit_terms(R"({"timescale":1e9,"discount_rate":0})").has_value());
    EXPECT_FALSE(parse_deposit_terms(R"({"timescale":1,"discount_rate":2})").has_value());
    const auto deposit = parse_deposit(
        R"({"success":true,"refundable_deposit":100.0,"total_discount":10.0,"discount_months":3})");
    EXPECT_EQ(deposit.value(),
              (Deposit{.refundable = usd_cents(10'000), .saved = usd_cents(1'000), .months = 3}));
    EXPECT_FALSE(parse_deposit("{}").has_value());
}

}  // namespace
}  // namespace herder::vast
