#pragma once
// The orchestrator's client of the provider: paces its calls, walks pages, reads what the API says
// and makes outcomes of it. It stands where the real client stands, and is wrong in the ways of the
// planted defects alone. The network between the two loses answers and delivers effects late.
#include <array>
#include <functional>
#include <memory>
#include <set>

#include "core/step/input.h"
#include "core/step/output.h"
#include "engine/destroy_queue.h"
#include "sim/call_lane.h"
#include "sim/client_reading.h"
#include "sim/mutant.h"
#include "sim/provider_api.h"

namespace herder::sim {

class ProviderCalls {
  public:
    using Answer = std::function<void(InputBody)>;

    ProviderCalls(Stage& stage, FakeProvider& provider, Mutant mutant, ClientReading reading = {});

    std::function<void(const CreateCall&)> on_create_sent;
    std::function<void(ContractId)> on_destroy_sent;
    // A call that the provider refused for haste although nobody else was in the way.
    std::function<void(Route)> on_haste;

    // What the provider made of each order, whatever the client hears of it.
    std::function<void(const CreateCall&, const ApiReply&)> on_judged;

    // Each runs `send` when its turn has come. The turn is over when `done` is called: with false
    // when nothing was sent after all.
    void when_create_may_be_sent(CallLane::Call send) { lane(Route::kCreate).add(std::move(send)); }
    void when_destroy_may_be_sent(CallLane::Call send) {
        lane(Route::kDestroy).add(std::move(send));
    }
    void create(const CreateCall& call, Answer answer);
    // `refused`: the market takes no call for many, and these are to go one by one.
    using Refused = std::function<void(const DestroyBatch&)>;
    void destroy(const DestroyBatch& batch, Answer answer, Refused refused, CallLane::Done done);
    // provider_reads.cpp
    void list(Instant asked, Answer answer);
    void search(const effect::SearchOffers& call, Answer answer);
    void charges(const effect::ReadCharges& call, Instant asked, Answer answer);
    void increases(Answer answer);
    void answer_increase(const effect::AnswerIncrease& call);
    // Without an answer where the call fails: what was announced before still holds.
    void maintenances(const effect::ReadMaintenances& call, Answer answer);

  private:
    struct ListWalk;
    struct ChargeWalk;
    struct DestroyCall;

    CallLane& lane(Route route) { return *lanes_[static_cast<std::size_t>(route)]; }
    Duration latency();
    void heed(Route route, const ApiReply& reply);

    void create_once(const CreateCall& call, const Answer& answer, int tries_left);
    void act_and_answer(const CreateCall& call, const Answer& answer);
    void act_unheard(const CreateCall& call, Duration when);
    void give_up(const CreateCall& call, const Answer& answer, int tries_left);
    input::CreateEnded judge_create(const CreateCall& call, const ApiReply& reply);
    input::CallOutcome judge_destroy(const ApiReply& reply);
    void label_later(const CreateCall& call, ContractId contract);

    void send_destroy(const std::shared_ptr<DestroyCall>& call, CallLane::Done done);
    void take_destroy(const std::shared_ptr<DestroyCall>& call, const ApiReply& reply);

    void next_page(const std::shared_ptr<ListWalk>& walk);
    void take_page(const std::shared_ptr<ListWalk>& walk, MachinePage& page);
    void finish(const std::shared_ptr<ListWalk>& walk, bool complete, const char* detail);
    void distort(std::vector<MachineRow>& rows);
    void forget_absent(std::vector<MachineRow>& rows);

    void next_page(const std::shared_ptr<ChargeWalk>& walk);
    void take_page(const std::shared_ptr<ChargeWalk>& walk, ChargePage& page);

    Stage& stage_;
    FakeProvider& provider_;
    ProviderApi api_;
    const Mutant mutant_;
    const ClientReading reading_;
    RandomStream draw_;
    std::array<std::unique_ptr<CallLane>, kRouteCount> lanes_;
    std::map<ContractId, Instant> believed_gone_;  // by the mutants that forget machines
    std::map<std::int64_t, std::string> labels_;   // by physical machine, for a mutant
    std::map<ChargeKey, Usd> sums_;                // for the mutant that adds charges
};

}  // namespace herder::sim
