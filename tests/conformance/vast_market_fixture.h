#pragma once
// The Vast.ai client and a simulated market that it speaks to over real connections. The two share
// no code: each was written from the API reference. Waiting moves the market's clock instead of
// taking time.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <ostream>

#include "adapters/http/client.h"
#include "adapters/providers/vast/vast_account.h"
#include "adapters/providers/vast/vast_provider.h"
#include "vastsim/market_server.h"
#include "vastsim/scripted_runner.h"
#include "vastsim/switches.h"
#include "vastsim/value_json.h"

namespace herder {

using input::CallOutcome;
using vastsim::Json;

class ManualClock : public Clock {
  public:
    Instant monotonic() const override { return now_; }
    WallTime wall() const override { return wall_ + (now_ - Instant{}); }
    void advance(Duration d) { now_ = now_ + d; }
    void set_wall(WallTime wall) { wall_ = {wall.us - now_.us}; }

  private:
    Instant now_{1'000'000};
    WallTime wall_{};
};

// One setting of one open point of the real service.
struct Setting {
    std::string key;  // empty: all as by default
    std::string value;
    std::string text() const { return key.empty() ? "" : key + "=" + value; }
};

inline std::ostream& operator<<(std::ostream& out, const Setting& setting) {
    return out << (setting.key.empty() ? "default" : setting.text());
}

class VastMarketFixture : public testing::Test {
  protected:
    // The calm market, with this fixture's setting.
    vastsim::Scenario scenario() const {
        vastsim::Scenario scenario = vastsim::calm_scenario();
        if (!setting_.key.empty()) {
            EXPECT_TRUE(vastsim::set_scenario_key(scenario, setting_.text()).has_value());
        }
        return scenario;
    }

    void serve(const vastsim::Scenario& scenario, const std::string& key = "demo") {
        served_ = scenario;
        account_.reset();
        provider_.reset();
        admin_.reset();
        vastsim::MarketServerOptions options;
        options.scenario = scenario;
        options.time_scale_milli = time_scale_milli_;
        auto market = vastsim::MarketServer::start(std::move(options),
                                                   std::make_unique<vastsim::ScriptedRunner>());
        ASSERT_TRUE(market.has_value());
        market_ = std::move(*market);
        admin_ = std::move(*http::Client::open(market_->url()));
        provider_ = std::move(*vast::VastProvider::open(market_->url(), key, clock_, traffic_));
        account_ = std::move(*vast::VastAccount::open(market_->url(), key, traffic_));
        const double now = admin("GET", "/admin/health").find("now")->to_number().value();
        clock_.set_wall({static_cast<std::int64_t>(now * 1e6)});
    }

    Json admin(const std::string& method, const std::string& path, const std::string& body = "") {
        http::Request request;
        request.method = method;
        request.target = path;
        request.body = body;
        const auto reply = admin_->call(request);
        EXPECT_TRUE(reply && reply->is_success()) << path << (reply ? reply->body : "");
        return reply ? vastsim::parse_json(reply->body).value_or(Json()) : Json();
    }
    // The market's time passes, and with it ours.
    void pass(Duration d) {
        admin("POST", "/admin/clock/advance",
              R"({"seconds":)" + std::to_string(static_cast<double>(d.us) / 1e6) + "}");
        clock_.advance(d);
    }
    void fault(const std::string& name, const std::string& rest = R"("next":1)") {
        admin("POST", "/admin/faults", R"({"name":")" + name + R"(",)" + rest + "}");
    }

    static ErrorCode code_of(const Status& status) {
        return status ? ErrorCode::kInternal : status.error().code;
    }

    std::vector<Offer> offers(bool interruptible) {
        OfferQuery query;
        query.gpu_name = "RTX_4090";
        query.interruptible = interruptible;
        auto found = provider_->search(query);
        EXPECT_TRUE(found.has_value()) << found.error().message;
        return found ? *found : std::vector<Offer>();
    }
    CreateRequest request_for(const Offer& offer, const std::string& label) {
        CreateRequest request;
        request.ask = offer.ask;
        request.label = label;
        request.bid = offer.interruptible ? offer.gpu_price : UsdPerHour{};
        request.disk = gigabytes(10);
        request.image = "debian:12";
        request.onstart = "sleep 1000";
        request.env = {{"HERDER_TOKEN", "t"}};
        return request;
    }
    CreateAnswer rent(const std::string& label, bool interruptible = true) {
        const auto found = offers(interruptible);
        if (found.empty()) return {};
        return provider_->create(request_for(found.front(), label));
    }
    std::vector<ListedMachine> list() {
        auto machines = provider_->list();
        EXPECT_TRUE(machines.has_value()) << machines.error().message;
        return machines ? *machines : std::vector<ListedMachine>();
    }
    MachineState state_of(ContractId contract) {
        for (const ListedMachine& machine : list()) {
            if (machine.contract == contract) return machine.state;
        }
        return MachineState::kUnknown;
    }
    // Time passes until it is so, or for longer than anything takes in a calm market.
    bool reaches(ContractId contract, MachineState state) {
        for (int i = 0; i < 40; ++i) {
            if (state_of(contract) == state) return true;
            pass(i < 10 ? seconds(15) : minutes(3));
        }
        return false;
    }
    ContractId running_machine(const std::string& label) {
        const CreateAnswer answer = rent(label);
        EXPECT_EQ(answer.outcome, CallOutcome::kDone) << answer.detail;
        EXPECT_TRUE(reaches(answer.contract, MachineState::kRunning));
        return answer.contract;
    }
    static std::string path(const char* verb, ContractId contract) {
        return std::string("/admin/") + verb + "/" + std::to_string(contract.value);
    }

    Setting setting_;
    std::int64_t time_scale_milli_ = 1000;  // 0: the market's time passes only with ours
    vastsim::Scenario served_;
    ManualClock clock_;
    vast::Traffic traffic_{clock_, [this](auto&, auto&, Duration d) { pass(d); }};
    std::unique_ptr<vastsim::MarketServer> market_;
    std::unique_ptr<http::Client> admin_;
    std::unique_ptr<vast::VastProvider> provider_;
    std::unique_ptr<vast::VastAccount> account_;
};

}  // namespace herder
