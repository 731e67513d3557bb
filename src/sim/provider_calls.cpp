#include "sim/provider_calls.h"

#include <algorithm>

namespace herder::sim {

namespace {

constexpr Duration kClientTimeout = seconds(60);
// Of a call that was refused for haste; a create is never repeated.
constexpr int kTriesMax = 4;

input::CreateEnded ended(const CreateCall& call, input::CallOutcome outcome,
                         const std::string& detail) {
    input::CreateEnded end;
    end.intent = call.intent;
    end.outcome = outcome;
    end.detail = detail;
    return end;
}

}  // namespace

ProviderCalls::ProviderCalls(Stage& stage, FakeProvider& provider, Mutant mutant,
                             ClientReading reading)
    : stage_(stage),
      provider_(provider),
      api_(stage, provider),
      mutant_(mutant),
      reading_(std::move(reading)),
      draw_(stage.seed, "provider_calls") {
    for (std::size_t i = 0; i < kRouteCount; ++i) {
        lanes_[i] = std::make_unique<CallLane>(stage, minimum_interval(static_cast<Route>(i)));
        if (mutant == Mutant::kThresholdIgnored) lanes_[i]->set_hasty();
    }
    api_.on_haste = [this](Route route) {
        if (on_haste) on_haste(route);
    };
    api_.on_judged = [this](const CreateCall& call, const ApiReply& reply) {
        if (on_judged) on_judged(call, reply);
    };
}

Duration ProviderCalls::latency() {
    return milliseconds(draw_.between(200, 2'500));
}

// A refusal for haste closes the route for as long as it says, and for twice the usual otherwise.
void ProviderCalls::heed(Route route, const ApiReply& reply) {
    if (reply.status != 429) return;
    const Duration penalty = route == Route::kCreate ? seconds(12) : minimum_interval(route) * 2;
    lane(route).hold(std::max(reply.threshold, penalty));
}

// ---- create

void ProviderCalls::create(const CreateCall& call, Answer answer) {
    stage_.note("create.sent", call.intent.value, static_cast<std::uint64_t>(call.ask));
    CreateCall sent = call;
    if (mutant_ == Mutant::kBidOmitted) sent.bid = {};
    if (mutant_ == Mutant::kLabelAfterCreate) std::swap(sent.label, sent.late_label);
    if (on_create_sent) on_create_sent(call);
    create_once(sent, answer, mutant_ == Mutant::kBlindRetry ? 2 : 0);
}

void ProviderCalls::give_up(const CreateCall& call, const Answer& answer, int tries_left) {
    stage_.schedule.after(kClientTimeout, [this, call, answer, tries_left] {
        if (tries_left > 0) return create_once(call, answer, tries_left - 1);
        answer(ended(call, input::CallOutcome::kUnknown, "timed out after 60 s"));
    });
}

void ProviderCalls::act_unheard(const CreateCall& call, Duration when) {
    stage_.schedule.after(when, [this, call] { api_.create_late(call); });
}

void ProviderCalls::create_once(const CreateCall& call, const Answer& answer, int tries_left) {
    FaultPlan& faults = stage_.faults;
    if (provider_.is_out()) return give_up(call, answer, tries_left);
    if (faults.strikes(Fault::kCreateNoEffect, 200'000)) {
        stage_.schedule.after(latency(), [answer, call] {
            answer(ended(call, input::CallOutcome::kUnknown, "502 from the gateway"));
        });
        return;
    }
    if (faults.strikes(Fault::kCreateTimeout, 200'000)) {
        act_unheard(call, seconds(faults.stream(Fault::kCreateTimeout).between(1, 55)));
        return give_up(call, answer, tries_left);
    }
    if (faults.strikes(Fault::kCreateLate, 200'000)) {
        RandomStream& draw = faults.stream(Fault::kCreateLate);
        // Up to 90 s after the client gave up; rarely far later than anybody promised.
        const std::int64_t late = draw.below(10) == 0 ? 600 : 90;
        act_unheard(call, kClientTimeout + seconds(draw.between(0, late)));
        return give_up(call, answer, tries_left);
    }
    act_and_answer(call, answer);
}

input::CreateEnded ProviderCalls::judge_create(const CreateCall& call, const ApiReply& reply) {
    if (reply.status == 0) return ended(call, input::CallOutcome::kUnknown, reply.error);
    input::CreateEnded end = reading_.create
                                 ? reading_.create(reply.status, to_body(reply, call.intent.value))
                                 : read_create(reply);
    end.intent = call.intent;
    if (mutant_ == Mutant::kThrottledIsRefused && end.not_sent) {
        end.not_sent = false;
        end.offer_gone = true;
    }
    if (mutant_ == Mutant::kErrorContractIgnored && !reply.is_ok()) end.contract = {};
    return end;
}

void ProviderCalls::act_and_answer(const CreateCall& call, const Answer& answer) {
    stage_.schedule.after(latency(), [this, call, answer] {
        const ApiReply reply = api_.create(call);
        stage_.schedule.after(latency(), [this, call, answer, reply] {
            heed(Route::kCreate, reply);
            if (mutant_ == Mutant::kLabelAfterCreate && reply.contract) {
                label_later(call, reply.contract);
            }
            answer(judge_create(call, reply));
        });
    });
}

// The planted defect: the label is set by a call of its own, once the answer has come.
void ProviderCalls::label_later(const CreateCall& call, ContractId contract) {
    stage_.schedule.after(latency(), [this, contract, label = call.late_label] {
        (void)api_.set_label(contract, label);
    });
}

// ---- destroy

struct ProviderCalls::DestroyCall {
    DestroyBatch batch;
    Answer answer;
    Refused refused;
    int tries_left = kTriesMax;
};

void ProviderCalls::destroy(const DestroyBatch& batch, Answer answer, Refused refused,
                            CallLane::Done done) {
    if (on_destroy_sent) {
        for (const effect::DestroyMachine& machine : batch.machines)
            on_destroy_sent(machine.contract);
    }
    send_destroy(std::make_shared<DestroyCall>(batch, std::move(answer), std::move(refused)),
                 std::move(done));
}

void ProviderCalls::send_destroy(const std::shared_ptr<DestroyCall>& call, CallLane::Done done) {
    std::vector<ContractId> contracts;
    for (const effect::DestroyMachine& machine : call->batch.machines) {
        stage_.note("destroy.sent", static_cast<std::uint64_t>(machine.contract.value),
                    machine.intent.value);
        contracts.push_back(machine.contract);
    }
    const bool lost = stage_.faults.strikes(Fault::kDestroyLost, 400'000);
    const bool acts = !lost || stage_.faults.stream(Fault::kDestroyLost).below(2) == 0;
    stage_.schedule.after(latency() / 2, [=, this] {
        ApiReply reply{.status = 0, .success = false, .error = "no answer"};
        if (acts) {
            reply = call->batch.together ? api_.destroy_many(contracts)
                                         : api_.destroy(contracts.front());
        }
        if (lost) reply = {.status = 0, .success = false, .error = "no answer"};
        const Duration back = reply.status == 0 ? seconds(30) : latency() / 2;
        stage_.schedule.after(back, [=, this] {
            heed(Route::kDestroy, reply);
            done(true);
            take_destroy(call, reply);
        });
    });
}

input::CallOutcome ProviderCalls::judge_destroy(const ApiReply& reply) {
    if (reply.status == 0) return input::CallOutcome::kUnknown;
    if (reading_.destroy) return reading_.destroy(reply.status, to_body(reply, 0));
    return read_destroy(reply);
}

void ProviderCalls::take_destroy(const std::shared_ptr<DestroyCall>& call, const ApiReply& reply) {
    if (reply.status == 429 && --call->tries_left > 0) {
        return lane(Route::kDestroy).add([this, call](CallLane::Done done) {
            send_destroy(call, std::move(done));
        });
    }
    if (call->batch.together && reply.status == 400) {
        // One by one they take long. What they cost most by is ended at once.
        std::vector<ContractId> contracts;
        for (const effect::DestroyMachine& machine : call->batch.machines)
            contracts.push_back(machine.contract);
        api_.stop_many(contracts);
        return call->refused(call->batch);
    }
    const input::CallOutcome outcome = judge_destroy(reply);
    for (const effect::DestroyMachine& machine : call->batch.machines) {
        const input::DestroyEnded end{machine.intent, outcome, reply.error};
        if (mutant_ == Mutant::kTrustDestroy && reply.is_ok()) {
            believed_gone_.emplace(machine.contract, stage_.now());
        }
        call->answer(end);
    }
}

}  // namespace herder::sim
