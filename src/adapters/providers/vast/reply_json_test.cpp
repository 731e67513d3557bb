#include "adapters/providers/vast/reply_json.h"

#include <gtest/gtest.h>

namespace herder::vast {
namespace {

// Bodies are those of the API reference, sections 1.2, 2.2, 2.5, 2.7 and 6.2.

TEST(Reply, ReadsTheEnvelope) {
    const Reply created =
        parse_reply(200, R"({"success":true,"new_contract":50381086,"instance_api_key":"d15a0c"})");
    EXPECT_TRUE(created.parsed);
    EXPECT_EQ(created.success, true);
    EXPECT_EQ(created.contract, ContractId{50'381'086});
    const Reply gone = parse_reply(
        410,
        R"({"success":false,"error":"no_such_ask","msg":"error 410/3907: no_such_ask Instance type 7 is no longer available.","ask_id":7})");
    EXPECT_EQ(gone.success, false);
    EXPECT_EQ(gone.error, "no_such_ask");
    EXPECT_FALSE(gone.contract);
    EXPECT_EQ(gone.describe(),
              "410 no_such_ask: error 410/3907: no_such_ask Instance type 7 is no longer "
              "available.");
}

TEST(Reply, TakesTheMessageUnderAnyOfItsNames) {
    EXPECT_EQ(
        parse_reply(401, R"({"detail":"Authentication credentials were not provided."})").message,
        "Authentication credentials were not provided.");
    EXPECT_EQ(parse_reply(400, R"({"message":"m"})").message, "m");
}

TEST(Reply, AContractIsFoundInAnErrorAndAsAString) {
    EXPECT_EQ(parse_reply(400, R"({"success":false,"new_contract":"42"})").contract,
              ContractId{42});
    EXPECT_FALSE(parse_reply(400, R"({"success":false,"new_contract":null})").contract);
    EXPECT_FALSE(parse_reply(400, R"({"success":false,"new_contract":-1})").contract);
}

TEST(Reply, TextAndHtmlAreKeptForPeopleWithoutControlCharacters) {
    const Reply reply = parse_reply(502, "<html>\r\n<h1>502 Bad Gateway</h1>\x01\n");
    EXPECT_FALSE(reply.parsed);
    EXPECT_EQ(reply.describe(), "502: <html>  <h1>502 Bad Gateway</h1>");
    EXPECT_EQ(parse_reply(500, std::string(5'000, 'x')).text.size(), 300U);
    EXPECT_EQ(parse_reply(500, "").describe(), "500 without a reason");
}

TEST(Reply, ATruncatedSuccessIsNotShown) {
    const Reply reply = parse_reply(200, R"({"success":true,"instance_api_key":"SECRET)");
    EXPECT_FALSE(reply.parsed);
    EXPECT_EQ(reply.describe().find("SECRET"), std::string::npos);
}

TEST(Reply, ArraysStringsAndDeepNestingAreNoEnvelope) {
    EXPECT_FALSE(parse_reply(200, "[]").parsed);
    EXPECT_FALSE(parse_reply(200, R"("Successfully Deleted API Key")").parsed);
    EXPECT_FALSE(parse_reply(200, "").parsed);
    EXPECT_FALSE(parse_reply(200, std::string(10'000, '[')).parsed);
}

TEST(AuthError, IsRecognisedUnderEveryStatusItComesWith) {
    EXPECT_TRUE(is_auth_error(parse_reply(
        403, R"({"success":false,"error":"auth_error","msg":"This action requires login."})")));
    EXPECT_TRUE(is_auth_error(
        parse_reply(404, R"({"success":false,"error":"auth_error","msg":"Invalid user key"})")));
    EXPECT_TRUE(
        is_auth_error(parse_reply(404, R"({"msg":"Session expired. Please log in again."})")));
    EXPECT_TRUE(is_auth_error(
        parse_reply(403, R"({"msg":"Your key lacks the machine_read permission group"})")));
    EXPECT_TRUE(is_auth_error(parse_reply(401, "")));
    EXPECT_FALSE(is_auth_error(parse_reply(
        404, R"({"success":false,"error":"no_such_instance","msg":"Instance 5 not found."})")));
    EXPECT_FALSE(is_auth_error(parse_reply(
        403,
        R"({"error":"invalid_args","msg":"error 403/3586: Offer 7 is not your own. Hosts can only rent their own machines."})")));
}

TEST(Threshold, IsFoundInAllFourShapes) {
    EXPECT_EQ(find_threshold("API requests too frequent"), std::nullopt);
    EXPECT_EQ(find_threshold("API requests too frequent: endpoint threshold=4.5"),
              milliseconds(4'500));
    EXPECT_EQ(find_threshold(R"({"detail":"API requests too frequent endpoint threshold=2.0"})"),
              seconds(2));
    EXPECT_EQ(
        find_threshold(
            R"({"success":false,"error":"rate_limit_exceeded","msg":"API requests too frequent endpoint threshold=3.0"})"),
        seconds(3));
    EXPECT_EQ(find_threshold("threshold=x"), std::nullopt);
    EXPECT_EQ(find_threshold("threshold=1e300"), std::nullopt);
    EXPECT_EQ(find_threshold("threshold=-1"), std::nullopt);
}

}  // namespace
}  // namespace herder::vast
