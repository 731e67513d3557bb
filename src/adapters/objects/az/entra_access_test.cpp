#include "adapters/objects/az/entra_access.h"

#include <functional>
#include <future>
#include <map>

#include "adapters/objects/az/azure_fixture.h"

namespace herder::az {
namespace {

constexpr const char* kKeyDocument =
    "<?xml version=\"1.0\"?><UserDelegationKey><SignedOid>oid</SignedOid><SignedTid>tid</SignedTid>"
    "<SignedStart>2013-05-23T23:45:00Z</SignedStart><SignedExpiry>2013-05-30T23:45:00Z"
    "</SignedExpiry><SignedService>b</SignedService><SignedVersion>2021-08-06</SignedVersion>"
    "<Value>a2V5</Value></UserDelegationKey>";

struct EntraAccessTest : AzureFixture {
    std::map<std::string, http::Response> answers{
        {"/t/oauth2/v2.0/token", answer(200, R"({"expires_in":3600,"access_token":"T1"})")},
        {"/account1", answer(200, kKeyDocument)}};
    std::vector<http::Request> asked_outside;
    std::function<void()> meanwhile = [] {};  // while an answer is on its way
    EntraAccess access{{"t", "c", "s/ +", "https://login.example.org"},
                       *http::parse_url("https://account1.example.org"),
                       "/account1",
                       {[this](const std::string&, const http::Request& request,
                               Duration) -> Result<http::Response> {
                            asked_outside.push_back(request);
                            meanwhile();
                            return answers.at(std::string(request.path()));
                        },
                        [this] { return clock.time; }}};

    std::unique_ptr<AzureClient> open_with_application() {
        ClientSettings settings;
        settings.location = *parse_location("az://account1/box?endpoint=" + server.url());
        settings.credentials.account = "account1";
        settings.entra = &access;
        settings.tries = 1;
        return std::move(*AzureClient::open(std::move(settings), clock));
    }
};

TEST_F(EntraAccessTest, TheSecretIsTradedForATokenThatIsKept) {
    EXPECT_EQ(*access.token(), "T1");
    EXPECT_EQ(*access.token(), "T1");
    ASSERT_EQ(asked_outside.size(), 1U);
    EXPECT_EQ(asked_outside[0].method, "POST");
    EXPECT_EQ(asked_outside[0].body,
              "grant_type=client_credentials&client_id=c&client_secret=s%2F%20%2B&"
              "scope=https%3A%2F%2Fstorage.azure.com%2F.default");
    answers["/t/oauth2/v2.0/token"] = answer(503);
    clock.time = clock.time + minutes(57);
    EXPECT_EQ(*access.token(), "T1") << "the last minutes of an old one are better than nothing";
    clock.time = clock.time + minutes(4);
    EXPECT_EQ(access.token().error().code, ErrorCode::kUnavailable);
}

TEST_F(EntraAccessTest, ARefusedSecretSaysWhoseItIs) {
    answers["/t/oauth2/v2.0/token"] = answer(401, R"({"error":"invalid_client"})");
    const auto none = access.token();
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, ErrorCode::kUnauthenticated);
    EXPECT_NE(none.error().message.find("AZURE_CLIENT_SECRET"), std::string::npos);
    EXPECT_NE(none.error().message.find("invalid_client"), std::string::npos);
    EXPECT_EQ(none.error().message.find("s/ +"), std::string::npos);
}

TEST_F(EntraAccessTest, TheKeyIsFetchedEachDayAndNeverWhileSigning) {
    EXPECT_EQ(access.key_at_hand().error().code, ErrorCode::kUnavailable);
    EXPECT_TRUE(asked_outside.empty());
    ASSERT_TRUE(access.renew(minutes(8)));
    ASSERT_EQ(asked_outside.size(), 2U);
    EXPECT_EQ(asked_outside[1].target, "/account1?restype=service&comp=userdelegationkey");
    EXPECT_EQ(asked_outside[1].headers.get("authorization"), "Bearer T1");
    EXPECT_EQ(asked_outside[1].headers.get("x-ms-version"), kVersion);
    EXPECT_NE(asked_outside[1].body.find("<Start>2013-05-23T23:45:00Z</Start>"
                                         "<Expiry>2013-05-30T23:45:00Z</Expiry>"),
              std::string::npos)
        << asked_outside[1].body;
    EXPECT_EQ(access.key_at_hand()->value, "key");
    ASSERT_TRUE(access.renew(minutes(8)));
    EXPECT_EQ(asked_outside.size(), 2U);
    clock.time = clock.time + days(1);
    answers["/account1"] = answer(403, "AuthorizationPermissionMismatch");
    const Status refused = access.renew(minutes(8));
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("Storage Blob Data Contributor"), std::string::npos);
    EXPECT_TRUE(access.key_at_hand()) << "the old one holds for days";
    clock.time = clock.time + days(6);
    EXPECT_NE(access.key_at_hand().error().message.find("AuthorizationPermissionMismatch"),
              std::string::npos);
}

TEST_F(EntraAccessTest, AKeyThatHoldsWantsNoToken) {
    ASSERT_TRUE(access.renew({}));
    clock.time = clock.time + hours(2);
    answers["/t/oauth2/v2.0/token"] = answer(503);
    EXPECT_TRUE(access.renew_key(minutes(1)));
    EXPECT_EQ(asked_outside.size(), 2U) << "the token is over, and nobody needs it";
    EXPECT_FALSE(access.renew(minutes(1))) << "which wants both";
    EXPECT_TRUE(access.key_at_hand());
}

TEST_F(EntraAccessTest, AFailureIsKeptForAWhile) {
    answers["/t/oauth2/v2.0/token"] = answer(503);
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(access.token().error().code, ErrorCode::kUnavailable);
    EXPECT_FALSE(access.renew(minutes(1)));
    EXPECT_EQ(asked_outside.size(), 1U);
    clock.time = clock.time + EntraAccess::kRest;
    answers["/t/oauth2/v2.0/token"] = answer(200, R"({"expires_in":3600,"access_token":"T2"})");
    answers["/account1"] = answer(503);
    EXPECT_EQ(*access.token(), "T2");
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(access.renew(minutes(1)).error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(asked_outside.size(), 3U);
    clock.time = clock.time + EntraAccess::kRest;
    answers["/account1"] = answer(200, kKeyDocument);
    EXPECT_TRUE(access.renew(minutes(1)));
    EXPECT_TRUE(access.key_at_hand());
}

TEST_F(EntraAccessTest, AnOldTokenIsGivenAtOnceWhileTheServiceIsDown) {
    ASSERT_TRUE(access.token());
    clock.time = clock.time + minutes(57);
    answers["/t/oauth2/v2.0/token"] = answer(503);
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(*access.token(), "T1");
    EXPECT_EQ(asked_outside.size(), 2U);
}

TEST_F(EntraAccessTest, WhoeverHasAnOldOneDoesNotWaitForTheNextOne) {
    ASSERT_TRUE(access.renew({}));
    clock.time = clock.time + days(1) + minutes(1);
    ASSERT_EQ(*access.token(), "T1");
    clock.time = clock.time + minutes(57);
    const std::size_t before = asked_outside.size();
    int others = 0;
    // Would never come back if it waited for the answer that waits for it.
    meanwhile = [&] {
        others += std::async(std::launch::async, [&] {
                      return access.token().has_value() && access.renew_key(minutes(1)) ? 1 : 0;
                  }).get();
    };
    ASSERT_TRUE(access.renew_key(minutes(8)));
    EXPECT_EQ(others, 2);
    EXPECT_EQ(asked_outside.size(), before + 2) << "the others asked nobody";
}

TEST_F(EntraAccessTest, RequestsCarryTheTokenAndUrlsTheKeysSignature) {
    const auto client = open_with_application();
    server.will_answer({answer(200)});
    ASSERT_TRUE(client->check());
    EXPECT_EQ(asked(0, "authorization"), "Bearer T1");
    EXPECT_EQ(client->sign("box", "d/a b", "r", hours(1)).error().code, ErrorCode::kUnavailable);
    ASSERT_TRUE(access.renew({}));
    const auto url = client->sign("box", "d/a b", "r", hours(1));
    ASSERT_TRUE(url) << url.error().message;
    EXPECT_NE(url->find("/account1/box/d/a%20b?sv="), std::string::npos) << *url;
    EXPECT_NE(url->find("&skoid=oid&"), std::string::npos) << *url;
    EXPECT_NE(url->find("&se=2013-05-24T01%3A00%3A00Z&"), std::string::npos) << *url;
    // No URL outlives the key.
    const auto longer = client->sign("box", "d/a b", "r", days(7));
    EXPECT_NE(longer->find("&se=2013-05-30T23%3A45%3A00Z&"), std::string::npos) << *longer;
}

TEST_F(EntraAccessTest, NothingSecretTravelsInTheClear) {
    EntraAccess plain({"t", "c", "s", "http://login.example.org"},
                      *http::parse_url("https://account1.example.org"), "/",
                      {[](const std::string&, const http::Request&,
                          Duration) -> Result<http::Response> { return http::Response{}; },
                       [this] { return clock.time; }});
    EXPECT_EQ(plain.token().error().code, ErrorCode::kInvalid);
}

TEST(DelegationKeyDocument, IsReadWhole) {
    const auto key = parse_delegation_key(kKeyDocument);
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(key->object, "oid");
    EXPECT_EQ(key->tenant, "tid");
    EXPECT_EQ(key->start, "2013-05-23T23:45:00Z");
    EXPECT_EQ(key->service, "b");
    EXPECT_EQ(key->expires, WallTime{1'369'957'500'000'000});
    for (const char* text :
         {"", "<UserDelegationKey></UserDelegationKey>", "<Error><Code>x</Code></Error>"})
        EXPECT_FALSE(parse_delegation_key(text)) << text;
}

}  // namespace
}  // namespace herder::az
