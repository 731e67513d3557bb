#pragma once
// What every checker of an invariant is: a name from the list of invariants, its statement, and the
// moments at which it looks. Cheap ones look at every commit, others each simulated minute.
#include <memory>
#include <string>
#include <vector>

#include "core/step/state.h"
#include "ports/store.h"
#include "sim/fake_agent.h"
#include "sim/fake_objects.h"
#include "sim/fake_provider.h"
#include "sim/fake_store.h"
#include "sim/operators.h"
#include "sim/provider_api.h"

namespace herder::sim {

// Everything that there is to see, truth included.
struct Sight {
    Stage& stage;
    FakeProvider& provider;
    FakeObjects& objects;
    FakeStoreBody& store;
    Operators& operators;
    const std::map<ContractId, std::unique_ptr<FakeAgent>>& agents;
    const State* leader = nullptr;  // of the process that leads and runs, if there is one
    Instant logical_now;            // of that process
};

class Checker {
  public:
    virtual ~Checker() = default;
    virtual const char* name() const = 0;  // "2 one-machine-per-intent"
    virtual const char* statement() const = 0;

    // After each accepted commit; `state` is the committing core's, exactly as of this commit.
    virtual void on_commit(const Sight&, const Commit&, const State& /*state*/) {}
    virtual void on_minute(const Sight&) {}
    virtual void on_create_sent(const Sight&, const CreateCall&) {}
    virtual void on_created(const Sight&, const Rental&) {}
    virtual void on_destroy_sent(const Sight&, ContractId) {}
    virtual void on_judged(const Sight&, const CreateCall&, const ApiReply&) {}
    virtual void on_haste(const Sight&, Route) {}
    virtual void on_restoring(const Sight&, const FakeAgent&, const Assignment&) {}
    virtual void on_computing(const Sight&, const FakeAgent&) {}
    // Right after something became visible in the bucket, and right before something vanishes.
    virtual void on_object_put(const Sight&, const std::string& /*key*/, bool /*replaced*/) {}
    virtual void on_object_removed(const Sight&, const std::string& /*key*/) {}
    virtual void on_upload_aborted(const Sight&, const std::string& /*key*/) {}
    // A part was sent into an upload of which no object can be made any more.
    virtual void on_part_in_vain(const Sight&, const std::string& /*key*/) {}
    virtual void on_end(const Sight&) {}

  protected:
    void violate(const Sight& sight, std::string detail) const {
        sight.stage.violate(name(), std::move(detail));
    }
};

using Checkers = std::vector<std::unique_ptr<Checker>>;

void add_money_checkers(Checkers& checkers);
void add_job_checkers(Checkers& checkers);
void add_checkpoint_checkers(Checkers& checkers);
void add_bucket_checkers(Checkers& checkers);
void add_verified_checkers(Checkers& checkers);
void add_control_checkers(Checkers& checkers);
void add_provider_checkers(Checkers& checkers);
Checkers make_checkers();

// True if at least one event of the commit is of this kind.
const Event* find_event(const Commit& commit, const char* kind);

}  // namespace herder::sim
