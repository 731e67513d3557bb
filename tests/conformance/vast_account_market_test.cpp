// The account's side of the client against the simulated market: keys and what they may do, ssh
// keys, bills, volumes, templates, webhooks.
#include "tests/conformance/vast_market_fixture.h"

namespace herder {
namespace {

constexpr const char* kSshKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHerder me@example";

class VastAccountMarketTest : public VastMarketFixture {
  protected:
    void SetUp() override { serve(scenario()); }

    std::unique_ptr<vast::VastAccount> account_with(const std::string& key) {
        return *vast::VastAccount::open(market_->url(), key, traffic_);
    }
    std::unique_ptr<vast::VastProvider> provider_with(const std::string& key) {
        return *vast::VastProvider::open(market_->url(), key, clock_, traffic_);
    }
};

TEST_F(VastAccountMarketTest, TheUserHasCredit) {
    const auto user = account_->user();
    ASSERT_TRUE(user.has_value()) << user.error().message;
    EXPECT_EQ(user->credit, usd_cents(10'000));
    EXPECT_GT(user->id, 0);
}

TEST_F(VastAccountMarketTest, AKeyWithWhatIsNeededRentsAndOneWithoutSaysWhatItLacks) {
    const auto made = account_->create_key("herder", vast::needed_rights());
    ASSERT_TRUE(made.has_value()) << made.error().message;
    const auto own = account_with(made->key)->own_key();
    ASSERT_TRUE(own.has_value()) << own.error().message;
    EXPECT_EQ(own->id, made->id);
    EXPECT_TRUE(vast::find_missing_rights(own->rights).empty());
    EXPECT_TRUE(vast::find_spare_rights(own->rights).empty());
    const Offer offer = offers(true).at(0);
    auto narrow = provider_with(made->key);
    EXPECT_EQ(narrow->create(request_for(offer, "a")).outcome, CallOutcome::kDone);
    EXPECT_EQ(narrow->list()->size(), 1U);
    EXPECT_EQ(code_of(account_with(made->key)->remove_key(made->id)), ErrorCode::kForbidden)
        << "it may not change the account";
    EXPECT_TRUE(account_->remove_key(made->id).has_value());
    EXPECT_EQ(narrow->list().error().code, ErrorCode::kUnauthenticated) << "deleted";
}

TEST_F(VastAccountMarketTest, AMissingRightIsToldAtBothSettings) {
    for (const char* value : {"false", "true"}) {
        setting_ = {"scope_missing_403", value};
        serve(scenario());
        const auto made = account_->create_key("reader", {"instance_read", "user_read"});
        ASSERT_TRUE(made.has_value());
        auto reader = provider_with(made->key);
        EXPECT_TRUE(reader->list().has_value());
        const auto refused = reader->charges(20'028, 20'028);
        EXPECT_EQ(refused.error().code, ErrorCode::kForbidden) << refused.error().message;
        EXPECT_NE(refused.error().message.find("billing_read"), std::string::npos);
        const CreateAnswer answer = reader->create(request_for(offers(true).at(0), "a"));
        EXPECT_EQ(answer.outcome, CallOutcome::kRefused);
        EXPECT_TRUE(answer.stop_all);
    }
}

TEST_F(VastAccountMarketTest, ANarrowedKeyReachesOneMachine) {
    const ContractId ours = rent("a").contract;
    const ContractId other = rent("b").contract;
    const auto made = account_->create_machine_key("m", ours);
    ASSERT_TRUE(made.has_value()) << made.error().message;
    auto narrow = provider_with(made->key);
    EXPECT_EQ(narrow->show(ours).value()->contract, ours);
    EXPECT_FALSE(narrow->show(other).has_value());
    EXPECT_NE(narrow->destroy(other).outcome, CallOutcome::kDone);
    EXPECT_EQ(narrow->destroy(ours).outcome, CallOutcome::kDone);
}

TEST_F(VastAccountMarketTest, SshKeysComeAndGo) {
    const std::size_t before = account_->ssh_keys()->size();
    const auto added = account_->add_ssh_key(kSshKey);
    ASSERT_TRUE(added.has_value()) << added.error().message;
    ASSERT_EQ(account_->ssh_keys()->size(), before + 1);
    EXPECT_EQ(account_->ssh_keys()->back().text, kSshKey);
    const ContractId machine = rent("a").contract;
    EXPECT_TRUE(account_->attach_ssh_key(machine, kSshKey).has_value());
    EXPECT_FALSE(account_->attach_ssh_key({1}, kSshKey).has_value());
    const auto all = account_->ssh_keys();
    for (const vast::SshKey& key : *all)
        EXPECT_TRUE(account_->remove_ssh_key(key.id).has_value());
    EXPECT_TRUE(account_->ssh_keys()->empty()) << "none is no error";
}

TEST_F(VastAccountMarketTest, InvoicesAreReadForARange) {
    const CreateAnswer answer = rent("a", false);
    ASSERT_TRUE(account_->deposit(answer.contract, usd_cents(500)).has_value());
    const std::int64_t today = clock_.wall().day();
    const auto invoices = account_->invoices(today - 30, today + 1);
    ASSERT_TRUE(invoices.has_value()) << invoices.error().message;
    EXPECT_TRUE(account_->invoices(today - 30, today - 29)->empty());
}

TEST_F(VastAccountMarketTest, VolumesTemplatesAndSecretsAreListed) {
    EXPECT_TRUE(account_->volumes()->empty());
    EXPECT_TRUE(account_->secret_names()->empty());
    vast::TemplateDraft draft;
    draft.name = "herder";
    draft.image = "debian:12";
    draft.env = {{"A", "b"}};
    ASSERT_TRUE(account_->create_template(draft).has_value());
    const auto all = account_->templates();
    ASSERT_TRUE(all.has_value()) << all.error().message;
    const auto ours = std::find_if(all->begin(), all->end(),
                                   [](const vast::Template& one) { return one.name == "herder"; });
    ASSERT_NE(ours, all->end());
    EXPECT_TRUE(account_->remove_template(ours->id).has_value());
    EXPECT_FALSE(account_->gpu_names()->empty());
}

TEST_F(VastAccountMarketTest, WebhooksAreMadeAndTheirSecretIsShownOnce) {
    const auto types = account_->notification_types();
    ASSERT_TRUE(types.has_value());
    ASSERT_NE(std::find(types->begin(), types->end(), "client:outbid"), types->end());
    const auto made =
        account_->create_webhook("herder", "https://herder.example.org/vast", {"client:outbid"});
    ASSERT_TRUE(made.has_value()) << made.error().message;
    EXPECT_FALSE(made->secret.empty());
    EXPECT_EQ(account_->webhooks()->at(0).secret, "");
    const auto rotated = account_->rotate_webhook_secret(made->id);
    ASSERT_TRUE(rotated.has_value()) << rotated.error().message;
    EXPECT_NE(rotated->secret, made->secret);
    EXPECT_TRUE(account_->remove_webhook(made->id).has_value());
    EXPECT_TRUE(account_->webhooks()->empty());
}

TEST_F(VastAccountMarketTest, ADepositBindsAndIsReadBack) {
    const CreateAnswer answer = rent("a", false);
    ASSERT_EQ(answer.outcome, CallOutcome::kDone);
    const auto terms = account_->deposit(answer.contract, usd_cents(2'000));
    ASSERT_TRUE(terms.has_value()) << terms.error().message;
    EXPECT_GT(terms->discount_ppm, 0);
    EXPECT_GT(account_->read_deposit(answer.contract)->refundable, Usd{});
    EXPECT_FALSE(account_->deposit(answer.contract, usd_cents(1'000'000)).has_value());
}

TEST_F(VastAccountMarketTest, PriceIncreasesAreSeenAndAnswered) {
    const ContractId machine = running_machine("a");
    admin("POST", "/admin/events", R"({"at_s":0,"do":"price_increase","factor":2})");
    pass(minutes(1));
    const auto increases = account_->price_increases();
    ASSERT_TRUE(increases.has_value()) << increases.error().message;
    ASSERT_EQ(increases->rows.size(), 1U);
    EXPECT_EQ(increases->rows[0].contract, machine);
    EXPECT_GT(increases->rows[0].new_gpu_price, increases->rows[0].old_gpu_price);
    EXPECT_TRUE(account_->answer_price_increase(increases->rows[0].id, false).has_value());
    EXPECT_EQ(code_of(account_->answer_price_increase(increases->rows[0].id, true)),
              ErrorCode::kNotFound);
}

TEST_F(VastAccountMarketTest, AnnouncedMaintenanceIsRead) {
    const ContractId ours = running_machine("a");
    const Json rows = admin("GET", "/admin/machines");
    const std::int64_t machine =
        rows.find("machines")->if_array()->front().find("machine_id")->to_integer().value();
    EXPECT_TRUE(provider_->maintenances({machine})->empty());
    admin("POST", path("maintenance", ours), R"({"in_s":3600,"lasts_s":7200})");
    const auto read = provider_->maintenances({machine, machine + 1});
    ASSERT_TRUE(read.has_value()) << read.error().message;
    ASSERT_EQ(read->size(), 1U);
    EXPECT_EQ(read->front().machine, machine);
    EXPECT_GT(read->front().begins_in, minutes(58));
    EXPECT_LT(read->front().begins_in, minutes(62));
    EXPECT_EQ(read->front().lasts, hours(2));
    EXPECT_TRUE(provider_->maintenances({machine + 1})->empty()) << "not of machines unasked for";
}

}  // namespace
}  // namespace herder
