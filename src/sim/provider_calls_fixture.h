#pragma once
// The simulated market and its client without anybody else; nothing strikes but what the test does.
#include <gtest/gtest.h>

#include <set>
#include <utility>
#include <vector>

#include "sim/provider_calls.h"

namespace herder::sim {

struct ProviderCallsFixture : testing::Test {
    explicit ProviderCallsFixture(int hosts) : provider(stage, hosts) {}

    static std::set<Fault> off() {
        std::set<Fault> all;
        for (int i = 0; i < kFaultCount; ++i)
            all.insert(static_cast<Fault>(i));
        return all;
    }
    ProviderCalls::Answer keep() {
        return [this](InputBody body) { answers.push_back(std::move(body)); };
    }
    void run_for(Duration length) {
        const Instant end = stage.now() + length;
        while (stage.schedule.run_next(end)) {
        }
    }
    CreateCall call() {
        return {IntentId{5}, provider.offers("", 1).front().ask, "label", {}, gigabytes(5), "t"};
    }

    Stage stage{1, off(), false};
    FakeProvider provider;
    ProviderCalls calls{stage, provider, Mutant::kNone};
    std::vector<InputBody> answers;
};

}  // namespace herder::sim
