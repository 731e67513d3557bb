#pragma once
// The engine with everything around it under a test's control: clocks, store, effects. Also the
// story of one job that the tests of replay and of the golden log tell.
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "engine/engine.h"
#include "engine/fake_store.h"

namespace herder {

struct FakeClock : Clock {
    Instant monotonic_now{seconds(100).us};
    WallTime wall_now{1'790'000'000'000'000};  // 2026-09
    std::string boot = "first boot";
    Instant monotonic() const override { return monotonic_now; }
    WallTime wall() const override { return wall_now; }
    std::string boot_id() const override { return boot; }
    void advance(Duration d) {
        monotonic_now = monotonic_now + d;
        wall_now = wall_now + d;
    }
};

struct FakeEntropy : Entropy {
    std::uint64_t drawn = 0;
    std::uint64_t draw() override { return ++drawn; }
};

struct FakeRunner : EffectRunner {
    std::vector<Effect> effects;
    void run(const Effect& effect, Instant) override { effects.push_back(effect); }
};

struct EngineRig {
    explicit EngineRig(FakeStore::Content& content_of_store, EngineOptions options = {})
        : store(content_of_store) {
        options.on_reply = [this](Reply reply) { replies.push_back(std::move(reply)); };
        engine = std::make_unique<Engine>(core, store, clock, entropy, runner, options);
    }
    Status start() {
        auto started = engine->start();
        if (started) pump();
        return started;
    }
    // Until nothing is left to do; returns how often the engine did something.
    int pump() {
        int did = 0;
        while (engine->pump())
            ++did;
        return did;
    }
    void feed(InputBody body) {
        (void)engine->post(std::move(body));
        clock.advance(milliseconds(10));
        pump();
    }
    const Reply* reply(ReplyTo to) const {
        for (const Reply& reply : replies) {
            if (reply.to == to) return &reply;
        }
        return nullptr;
    }
    template <class T>
    const T* effect() const {
        for (auto i = runner.effects.rbegin(); i != runner.effects.rend(); ++i) {
            if (const T* found = std::get_if<T>(&*i)) return found;
        }
        return nullptr;
    }

    FakeClock clock;
    FakeEntropy entropy;
    FakeRunner runner;
    FakeStore store;
    Core core{ClusterIdentity{"test", std::string(32, 'k')}, Settings{}};
    std::vector<Reply> replies;
    std::unique_ptr<Engine> engine;  // last: it refers to all above
};

inline input::SubmitJob make_submit(ReplyTo to) {
    input::SubmitJob submit;
    submit.reply_to = to;
    submit.spec.name = "digits";
    submit.spec.run = "python train.py";
    ResourceRequest request;
    request.gpu_name = "RTX_4090";
    submit.spec.any_of = {request};
    submit.spec.limits.max_duration = hours(2);
    return submit;
}

inline input::MachinesListed make_listing(EngineRig& rig, std::vector<ListedMachine> machines) {
    input::MachinesListed listed;
    listed.complete = true;
    listed.asked = rig.engine->logical_now();
    listed.machines = std::move(machines);
    return listed;
}

inline input::OffersFound make_offers() {
    Offer offer;
    offer.provider = "vast";
    offer.ask = 101;
    offer.machine = 7;
    offer.gpu_name = "RTX_4090";
    offer.gpu_ram_mb = 24564;
    offer.gpu_price = usd_per_hour_micros(200'000);
    offer.disk_price_per_gb = usd_per_hour_micros(100);
    offer.reliability_ppm = 990'000;
    offer.disk_free = gigabytes(500);
    input::OffersFound found;
    found.complete = true;
    found.gpu_name = "RTX_4090";
    found.gpu_count = 1;
    found.offers = {offer};
    return found;
}

// One job from its submit to its end on the one machine of the market.
inline void tell_story(EngineRig& rig) {
    rig.feed(make_listing(rig, {}));
    rig.feed(make_submit(1));
    rig.feed(make_offers());
    const auto* create = rig.effect<effect::CreateMachine>();
    if (create == nullptr) return;
    const IntentId intent = create->intent.id;
    const std::string label = create->intent.label;
    const std::string token_hash = sha256_hex(create->join_token);
    rig.feed(input::CreateStarted{intent});
    input::CreateEnded created;
    created.intent = intent;
    created.outcome = input::CallOutcome::kDone;
    created.contract = ContractId{501};
    rig.feed(created);
    rig.feed(make_listing(rig, {{ContractId{501}, label, MachineState::kRunning, "", {}, {}}}));
    rig.feed(input::AgentJoined{2, intent, token_hash, "session", ContractId{501}});
    AgentReport report;
    report.intent = intent;
    report.fence = Fence{1};
    report.sequence = 1;
    report.phase = AgentPhase::kRunning;
    report.step = 100;
    rig.feed(input::AgentReported{3, "session", report});
    rig.clock.advance(minutes(1));
    report.sequence = 2;
    report.phase = AgentPhase::kDone;
    report.step = 200;
    report.ran = minutes(1);
    report.outcome = AttemptOutcome{EndReason::kSucceeded, 0, ""};
    rig.feed(input::AgentReported{4, "session", report});
    rig.feed(make_listing(rig, {}));
    rig.clock.advance(seconds(10));
    rig.feed(make_listing(rig, {}));
}

}  // namespace herder
