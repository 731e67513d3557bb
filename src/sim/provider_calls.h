#pragma once
// The orchestrator's calls to the provider, as they go over a bad network to a bad API: what is
// done, what the caller learns of it, and when. The one place where the provider's truth and the
// caller's view part.
#include <functional>

#include "core/step/input.h"
#include "core/step/output.h"
#include "sim/fake_provider.h"
#include "sim/mutant.h"

namespace herder::sim {

class ProviderCalls {
  public:
    using Answer = std::function<void(InputBody)>;

    ProviderCalls(Stage& stage, FakeProvider& provider, Mutant mutant);

    std::function<void(const CreateCall&)> on_create_sent;
    std::function<void(ContractId)> on_destroy_sent;

    void create(const CreateCall& call, Answer answer);
    void destroy(const effect::DestroyMachine& call, Answer answer);
    void list(Instant asked, Answer answer);
    void search(const effect::SearchOffers& call, Answer answer);
    void charges(const effect::ReadCharges& call, Instant asked, Answer answer);

  private:
    Duration latency();
    void create_once(const CreateCall& call, const Answer& answer, int tries_left);
    void act_and_answer(const CreateCall& call, const Answer& answer);
    void give_up(const CreateCall& call, const Answer& answer, int tries_left);
    input::MachinesListed make_listing(Instant asked);
    void spoil_listing(input::MachinesListed& listing);
    void forget_absent(std::vector<ListedMachine>& rows);
    input::ChargesRead make_charges(const effect::ReadCharges& call, Instant asked);

    Stage& stage_;
    FakeProvider& provider_;
    const Mutant mutant_;
    RandomStream draw_;
    Duration charge_lag_;
    std::map<ContractId, Instant> believed_gone_;  // by the mutants that forget machines
    std::map<ChargeKey, Usd> sums_;                // for the mutant that adds charges
};

}  // namespace herder::sim
