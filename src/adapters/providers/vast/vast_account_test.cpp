#include "adapters/providers/vast/vast_account.h"

#include <gtest/gtest.h>

#include "adapters/providers/vast/script_test.h"

namespace herder::vast {
namespace {

class VastAccountTest : public testing::Test {
  protected:
    std::string last() const {
        const http::Request& request = script_.asked().back().request;
        return request.method + " " + request.target +
               (request.body.empty() ? "" : " " + request.body);
    }

    VirtualClock clock_;
    Traffic traffic_{clock_, [this](auto&, auto&, Duration d) { clock_.advance(d); }};
    Script script_{clock_};
    VastAccount account_{script_.transport(), "k3y", traffic_};
};

TEST_F(VastAccountTest, KnowsItsOwnKey) {
    script_.answer(200, R"({"id":1,"key_id":2,"username":"acme","credit":4.5})");
    script_.answer(200, R"({"apikeys":[{"id":1,"name":"other"},{"id":2,"name":"ours",
                            "rights":{"api":{"misc":{}}}}]})");
    const auto own = account_.own_key();
    ASSERT_TRUE(own.has_value());
    EXPECT_EQ(own->name, "ours");
    EXPECT_EQ(last(), "GET /api/v0/auth/apikeys/");
    script_.answer(200, R"({"id":1,"username":"acme","credit":4.5})");
    EXPECT_EQ(account_.own_key().error().code, ErrorCode::kNotFound);
}

TEST_F(VastAccountTest, KeysAreMadeAndRemoved) {
    script_.answer(200, R"({"success":true,"id":9,"key":"vast-x","permissions":{}})");
    EXPECT_EQ(account_.create_key("herder", {"misc"})->key, "vast-x");
    EXPECT_EQ(last(),
              R"(POST /api/v0/auth/apikeys/ {"name":"herder","permissions":{"api":{"misc":{}}}})");
    script_.answer(200, R"("Successfully Deleted API Key")");
    EXPECT_TRUE(account_.remove_key(9).has_value()) << "a bare string is the answer";
    EXPECT_EQ(last(), "DELETE /api/v0/auth/apikeys/9/ {}");
    EXPECT_EQ(account_.create_key("", {"misc"}).error().code, ErrorCode::kInvalid);
    EXPECT_TRUE(script_.is_used_up());
}

TEST_F(VastAccountTest, NoSshKeysAreNoError) {
    script_.answer(404, R"({"success":false,"msg":"No SSH keys found for the user."})");
    EXPECT_TRUE(account_.ssh_keys()->empty());
    script_.answer(200, R"([{"id":1,"key":"ssh-rsa AAAA"}])");
    EXPECT_EQ(account_.ssh_keys()->size(), 1U);
    script_.answer(404, R"({"success":false,"error":"auth_error","msg":"Invalid user key"})");
    EXPECT_EQ(account_.ssh_keys().error().code, ErrorCode::kUnauthenticated);
}

TEST_F(VastAccountTest, SshKeysAreAttachedExplicitly) {
    script_.answer(200, R"({"success":true,"msg":"SSH key attached successfully"})");
    EXPECT_TRUE(account_.attach_ssh_key({5}, "ssh-ed25519 AAAAC3NzaC1lZDI1").has_value());
    EXPECT_EQ(last(),
              R"(POST /api/v0/instances/5/ssh/ {"ssh_key":"ssh-ed25519 AAAAC3NzaC1lZDI1"})");
    script_.answer(400, R"({"success":false,"error":"no_such_ssh_key"})");
    EXPECT_EQ(account_.detach_ssh_key({5}, 7).error().code, ErrorCode::kInvalid);
    EXPECT_EQ(last(), "DELETE /api/v0/instances/5/ssh/7/ {}");
}

TEST_F(VastAccountTest, AnInvoiceErrorComesAsASuccessAndIsOneAnyway) {
    script_.answer(200, R"({"success":false,"error":"Invalid date range","count":0,"total":0,
                            "results":[],"next_token":null})");
    EXPECT_FALSE(account_.invoices(1, 2).has_value());
    script_.answer(200, R"({"success":true,"results":[{"amount":-5}],"next_token":"n"})");
    script_.answer(200, R"({"success":true,"results":[{"amount":1}],"next_token":null})");
    EXPECT_EQ(account_.invoices(1, 2)->size(), 2U);
    EXPECT_EQ(account_.invoices(2, 1).error().code, ErrorCode::kInvalid);
}

TEST_F(VastAccountTest, PriceIncreasesAreAnswered) {
    script_.answer(200, R"({"success":true,"pending_price_increase_id":3,"contract_id":5})");
    EXPECT_TRUE(account_.answer_price_increase(3, true).has_value());
    EXPECT_EQ(last(),
              R"(PUT /api/v0/instances/accept-price-increase/ {"pending_price_increase_id":3})");
    script_.answer(404, R"({"success":false,"error":"no_pending_price_increase"})");
    EXPECT_EQ(account_.answer_price_increase(3, false).error().code, ErrorCode::kNotFound);
    EXPECT_TRUE(last().starts_with("PUT /api/v0/instances/reject-price-increase/"));
}

TEST_F(VastAccountTest, DepositsNameOddStatuses) {
    script_.answer(411, R"({"success":false,"msg":"Insufficient credit"})");
    const auto terms = account_.deposit({5}, usd_cents(5'000));
    EXPECT_NE(terms.error().message.find("Insufficient credit"), std::string::npos);
    script_.answer(200, R"({"success":true,"refundable_deposit":1,"total_discount":0})");
    EXPECT_EQ(account_.read_deposit({5})->refundable, usd_cents(100));
    EXPECT_EQ(last(), "GET /api/v0/instances/balance/5/");
}

TEST_F(VastAccountTest, EverythingElseIsListed) {
    script_.answer(200, R"({"success":true,"secrets":{"HF_TOKEN":"*****"}})");
    EXPECT_EQ(account_.secret_names()->size(), 1U);
    script_.answer(401, R"({"detail":"Authentication credentials were not provided."})");
    EXPECT_EQ(account_.volumes().error().code, ErrorCode::kUnauthenticated);
    script_.answer(200, R"({"success":true,"templates":[{"id":1,"name":"t"}]})");
    EXPECT_EQ(account_.templates()->size(), 1U);
    script_.answer(200, R"({"success":true,"webhook":{"id":4,"webhook_secret":"s"}})");
    EXPECT_EQ(account_.rotate_webhook_secret(4)->secret, "s");
    EXPECT_EQ(last(), "POST /api/v0/webhooks/4/rotate-secret/ {}");
    script_.answer(200, R"({"gpu_types":[{"canonical_name":"RTX 4090"}]})");
    EXPECT_EQ(account_.gpu_names()->size(), 1U);
    EXPECT_TRUE(script_.is_used_up());
}

}  // namespace
}  // namespace herder::vast
