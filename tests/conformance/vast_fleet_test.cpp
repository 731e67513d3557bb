// The market's notifications as they really arrive, and two servers that share one account.
#include <gtest/gtest.h>

#include <atomic>
#include <set>

#include "adapters/http/server.h"
#include "adapters/providers/vast/webhook_intake.h"
#include "core/step/core.h"
#include "tests/conformance/vast_market_fixture.h"

namespace herder {
namespace {

// ---- notifications --------------------------------------------------------------------------

class VastWebhookTest : public VastMarketFixture {
  protected:
    void SetUp() override {
        vastsim::Scenario local = scenario();
        local.webhooks_public_only = false;
        serve(local);
        auto server = http::Server::start(
            {}, [this](const http::Request& request, http::Responder responder) {
                responder.respond(intake_->take(request));
            });
        ASSERT_TRUE(server.has_value());
        server_ = std::move(*server);
        const auto made = account_->create_webhook("herder", server_->url() + vast::kWebhookPath,
                                                   {"client:outbid"});
        ASSERT_TRUE(made.has_value()) << made.error().message;
        intake_ = std::make_unique<vast::WebhookIntake>(made->secret, clock_,
                                                        [this](const vast::Notification& note) {
                                                            EXPECT_EQ(note.type, "outbid");
                                                            hints_.fetch_add(1);
                                                        });
    }
    void TearDown() override {
        market_.reset();  // its deliverer before what it delivers to
        server_.reset();
    }
    // The market's time passes until its deliveries have come to this many.
    bool arrives(std::uint64_t deliveries) {
        for (int i = 0; i < 5'000; ++i) {
            const auto counts = intake_->counts();
            if (counts.taken + counts.repeated + counts.refused >= deliveries) return true;
            pass(seconds(1));
        }
        return false;
    }
    // The hint follows the count that arrives() looks at.
    bool hinted_once() {
        for (int i = 0; i < 5'000 && hints_.load() == 0; ++i)
            pass(seconds(1));
        return hints_.load() == 1;
    }
    void outbid_one() { admin("POST", path("outbid", running_machine("a"))); }

    std::atomic<int> hints_ = 0;
    std::unique_ptr<vast::WebhookIntake> intake_;
    std::unique_ptr<http::Server> server_;
};

TEST_F(VastWebhookTest, ANotificationThatComesTwiceIsOneHint) {
    fault("webhook_twice");
    outbid_one();
    EXPECT_TRUE(arrives(2));
    EXPECT_TRUE(hinted_once());
    EXPECT_EQ(intake_->counts().repeated, 1U);
}

TEST_F(VastWebhookTest, AForgedOneIsNoHint) {
    fault("webhook_forged");
    outbid_one();
    EXPECT_TRUE(arrives(1));
    EXPECT_EQ(hints_.load(), 0);
    EXPECT_EQ(intake_->counts().refused, 1U);
}

TEST_F(VastWebhookTest, ALostOneTakesNoLaterOneWithIt) {
    fault("webhook_lost");
    outbid_one();
    outbid_one();
    EXPECT_TRUE(arrives(1));
    EXPECT_TRUE(hinted_once());
}

// ---- two servers, one account ---------------------------------------------------------------

class OneAccountTest : public VastMarketFixture {
  protected:
    void SetUp() override { serve(scenario()); }

    static Output feed(Core& core, InputBody body, Instant now) {
        Input in;
        in.now = now;
        in.wall = WallTime{1'795'435'200'000'000 + now.us};
        in.draw = 1;
        in.body = std::move(body);
        return core.step({in});
    }
    // Two complete listings as the market gives them, far enough apart for an orphan; returns what
    // this server would destroy.
    std::set<ContractId> destroyed_by(const ClusterIdentity& cluster) {
        Core core(cluster, Settings{});
        Instant now{seconds(1'000).us};
        feed(core, input::LeadershipGained{Term{1}, {}}, now);
        std::set<ContractId> destroyed;
        for (int i = 0; i < 3; ++i) {
            input::MachinesListed listed;
            listed.complete = true;
            listed.asked = now;
            listed.machines = list();
            now = now + minutes(2);
            for (const Effect& effect : feed(core, listed, now).effects) {
                if (const auto* destroy = std::get_if<effect::DestroyMachine>(&effect))
                    destroyed.insert(destroy->contract);
            }
            foreign_ = core.state().provider.foreign.size();
        }
        return destroyed;
    }
    std::size_t foreign_ = 0;
};

TEST_F(OneAccountTest, NoContextDestroysWhatIsAnothers) {
    const ClusterIdentity dev{"dev1", std::string(32, 'd')};
    const ClusterIdentity prod{"prd1", std::string(32, 'p')};
    // The same four characters in the label, but another key: somebody copied the context's file.
    const ClusterIdentity twin{"dev1", std::string(32, 't')};
    const ContractId of_dev = rent(make_label(dev, IntentId{1})).contract;
    const ContractId of_prod = rent(make_label(prod, IntentId{1})).contract;
    const ContractId by_hand = rent("my own machine").contract;
    ASSERT_TRUE(of_dev && of_prod && by_hand);
    EXPECT_EQ(destroyed_by(dev), std::set<ContractId>{of_dev}) << "its own orphan, nothing else";
    EXPECT_EQ(foreign_, 2U);
    EXPECT_EQ(destroyed_by(prod), std::set<ContractId>{of_prod});
    EXPECT_EQ(destroyed_by(twin), std::set<ContractId>{});
    EXPECT_EQ(foreign_, 3U);
    EXPECT_EQ(list().size(), 3U);
}

}  // namespace
}  // namespace herder
