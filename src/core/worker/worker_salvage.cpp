// The part of WorkerBrain that outlives its process: what it leaves behind, and how the next one
// goes on from it. The next one never joins: the session, its attempt and the numbers of its
// checkpoints stay, so the server sees one agent that stops.
#include <algorithm>

#include "core/worker/worker_brain.h"

namespace herder {

void WorkerBrain::on(const worker_input::Resumed& input) {
    // The switch ends what a dead agent leaves, as a shell puts it: 128 and SIGKILL.
    constexpr int kKilled = 137;
    constexpr int kReportsOfALife = 32;  // as bits
    if (stage_ != WorkerStage::kNew) return;
    const WorkerMemory& memory = input.memory;
    begin(input.intent, memory.fence, input.agent_version, input.age);
    // Above every number that the processes before may have used: older reports are not heard.
    sequence_ = input.life << kReportsOfALife;
    assignment_ = memory.assignment;
    restored_ = memory.restored;
    run_started_ = memory.run_started;
    ran_ = memory.ran;
    for (const CheckpointOffer& offer : memory.offers) {
        step_ = std::max(step_, offer.step);
        discard(slot_.found(offer));
    }
    if (memory.outcome) return finish(*memory.outcome, kPublishAfterEnd);
    if (!run_started_) return finish({EndReason::kAgentLost, 0, input.why}, Duration{});
    ran_ = std::max(Duration{}, now_ - *run_started_);
    finish({EndReason::kAgentLost, kKilled, input.why}, kPublishAfterEnd);
}

WorkerMemory WorkerBrain::memory() const {
    WorkerMemory memory;
    memory.fence = fence_;
    memory.assignment = assignment_;
    memory.restored = restored_;
    memory.run_started = run_started_;
    memory.ran = ran_;
    for (const auto* offer : {&slot_.offer(), &slot_.pending()}) {
        if (*offer) memory.offers.push_back(**offer);
    }
    memory.outcome = outcome_;
    return memory;
}

std::array<std::uint64_t, 3> WorkerBrain::memory_mark() const {
    // Whatever else is remembered changes with the stage.
    const auto number = [](const std::optional<CheckpointOffer>& offer) {
        return offer ? offer->local_seq : 0;
    };
    return {static_cast<std::uint64_t>(stage_), number(slot_.offer()), number(slot_.pending())};
}

}  // namespace herder
