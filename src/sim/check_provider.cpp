// Invariants of how the provider is treated and understood: nothing is held against an offer that
// it did not refuse, no call comes too early, and what it refused is not there.
#include <algorithm>

#include "sim/checker.h"

namespace herder::sim {

namespace {

const char* word_for(Route route) {
    switch (route) {
        case Route::kSearch:
            return "search";
        case Route::kCreate:
            return "create";
        case Route::kList:
            return "list";
        case Route::kDestroy:
            return "destroy";
        case Route::kCharges:
            return "charges";
        case Route::kLabel:
            return "label";
        case Route::kIncreases:
            return "price increases";
        case Route::kMaintenances:
            return "maintenances";
        case Route::kCount:
            break;
    }
    return "?";
}

class NoUnearnedBlame : public Checker {
  public:
    const char* name() const override { return "41 no-unearned-blame"; }
    const char* statement() const override {
        return "no offer is avoided that the provider has not refused";
    }
    void on_judged(const Sight& sight, const CreateCall& call, const ApiReply& reply) override {
        if (!reply.is_ok()) refused_[call.ask] = sight.stage.now();
    }
    void on_minute(const Sight& sight) override {
        if (sight.leader == nullptr) return;
        for (const auto& [ask, until] : sight.leader->avoided_asks) {
            if (until <= sight.logical_now) continue;
            const auto refused = refused_.find(ask);
            if (refused == refused_.end() || sight.stage.now() - refused->second > kMemory) {
                violate(sight, "offer " + std::to_string(ask) + " is avoided, but was not refused");
            }
        }
    }

  private:
    // An offer is avoided for ten minutes from the answer, which may wait at a frozen host.
    static constexpr Duration kMemory = minutes(40);
    std::map<std::int64_t, Instant> refused_;
};

class NoHaste : public Checker {
  public:
    const char* name() const override { return "42 no-haste"; }
    const char* statement() const override {
        return "no call comes before the minimum interval of its route is over";
    }
    void on_haste(const Sight& sight, Route route) override {
        violate(sight, std::string("a call comes too early: ") + word_for(route));
    }
};

class RefusedIsRefused : public Checker {
  public:
    const char* name() const override { return "43 refused-is-refused"; }
    const char* statement() const override {
        return "a rental that counts as refused never turns out to exist";
    }
    void on_commit(const Sight& sight, const Commit& commit, const State&) override {
        for (const Event& event : commit.events) {
            if (event.kind != "rent.found") continue;
            for (const auto& [key, value] : event.fields) {
                if (key == "was" && value == "refused") {
                    violate(sight, event.subject + " counted as refused and is listed");
                }
            }
        }
    }
};

}  // namespace

void add_provider_checkers(Checkers& checkers) {
    checkers.push_back(std::make_unique<NoUnearnedBlame>());
    checkers.push_back(std::make_unique<NoHaste>());
    checkers.push_back(std::make_unique<RefusedIsRefused>());
}

}  // namespace herder::sim
