#pragma once
// A quiet place for tests of checkers: everything that a checker may look at, without a world.
#include <gtest/gtest.h>

#include <memory>

#include "sim/checker.h"

namespace herder::sim {

struct CheckerPlace : testing::Test {
    Stage stage{1, {}, false};
    FakeProvider provider{stage, 3};
    FakeObjects objects{stage};
    FakeStoreBody store;
    Operators operators{stage, [] { return nullptr; }, hours(1), 1};
    std::map<ContractId, std::unique_ptr<FakeAgent>> agents;
    State state;
    Checkers checkers;

    Sight sight() {
        return {stage, provider, objects, store, operators, agents, &state, Instant{} + hours(1)};
    }
    void commit(const Commit& commit) {
        for (const auto& checker : checkers)
            checker->on_commit(sight(), commit, state);
    }
    bool is_violated(const std::string& invariant) const {
        for (const Violation& violation : stage.violations) {
            if (violation.invariant == invariant) return true;
        }
        return false;
    }
};

}  // namespace herder::sim
