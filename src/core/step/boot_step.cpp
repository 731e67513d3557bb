// A machine between the rent call's answer and its agent: how far it is, what its host's words
// mean, and when it is given up.
#include <algorithm>

#include "core/monitor/witness.h"
#include "core/provisioner/boot_trouble.h"
#include "core/step/steps.h"

namespace herder {

namespace {

const std::string& image_of(const Work& work, const Intent& intent) {
    return work.state.jobs.at(intent.attempt.job).spec.image;
}

std::string shown_image(const Work& work, const Intent& intent) {
    const std::string& image = image_of(work, intent);
    return image.empty() ? "of the default" : image;
}

// How long the listings have called it queued or offline without a break.
Duration odd_for(Work& work, const ListedMachine& machine) {
    auto& odd_since = work.state.provider.odd_since;
    if (machine.state != MachineState::kQueued && machine.state != MachineState::kOffline) {
        odd_since.erase(machine.contract);
        return {};
    }
    return work.now - odd_since.try_emplace(machine.contract, work.now).first->second;
}

void give_up_boot(Work& work, Intent& intent, const MachineVerdict& verdict,
                  const ListedMachine& machine) {
    if (*verdict.lost != EndReason::kAdmissionFailed) {
        if (intent.live && !intent.gpu_end) work.edit_intent(intent.id).gpu_end = work.now;
        return lose_attempt(work, intent.attempt, *verdict.lost, verdict.sentence);
    }
    const auto trouble = read_status_text(machine.detail, shown_image(work, intent));
    if (!trouble) {
        return lose_attempt(work, intent.attempt, *verdict.lost,
                            std::string(verdict.sentence) + ": " + machine.detail);
    }
    const bool image = trouble->blame == BootBlame::kImage;
    lose_attempt(work, intent.attempt, image ? EndReason::kImageError : EndReason::kAdmissionFailed,
                 trouble->sentence);
}

}  // namespace

void advance_boot(Work& work, Intent& intent, BootStage stage) {
    if (intent.boot >= stage) return;
    work.edit_intent(intent.id).boot = stage;
    const auto* bound = std::get_if<rent::Bound>(&intent.phase);
    if (bound == nullptr) return;
    const JobId job = intent.attempt.job;
    const std::string left = to_text(std::max(bound->join_deadline - work.now, Duration{}));
    if (stage == BootStage::kPulling)
        work.note("machine.pulling", job, to_text(intent.id), {{"given_up_in", left}});
    if (stage == BootStage::kStarting)
        work.note("machine.starting", job, to_text(intent.id), {{"given_up_in", left}});
}

Duration join_deadline_of(const Work& work, const Intent& intent) {
    const Settings& settings = work.settings;
    return boot_deadline(work.state.meta.boots, image_of(work, intent), intent.offer.download_mbps,
                         {.unknown = settings.join_deadline,
                          .least = std::min(settings.join_deadline_min, settings.join_deadline),
                          .most = std::max(settings.join_deadline_max, settings.join_deadline)});
}

void learn_from_boot(Work& work, const Intent& intent) {
    // While nobody led nobody could join: such a boot says nothing.
    if (!intent.bound || *intent.bound < work.state.leads_since) return;
    learn_boot(work.edit_meta().boots, image_of(work, intent), intent.offer.download_mbps,
               work.now - *intent.bound, work.now);
}

void watch_boot(Work& work, Intent& intent, const ListedMachine& machine) {
    const Duration odd = odd_for(work, machine);
    const auto* bound = std::get_if<rent::Bound>(&intent.phase);
    if (bound == nullptr) return;
    if (machine.state == MachineState::kStarting && !machine.detail.empty())
        advance_boot(work, intent, BootStage::kPulling);
    if (machine.state == MachineState::kRunning) advance_boot(work, intent, BootStage::kStarting);
    std::string other = find_rental_mismatch(intent, machine);
    if (other.empty()) other = find_short_disk(intent.disk, machine.disk);
    if (!other.empty()) {
        return lose_attempt(work, intent.attempt, EndReason::kAdmissionFailed, other);
    }
    const MachineVerdict verdict =
        judge_boot(word_for(work, intent, machine), work.now - bound->since, odd,
                   {.settle = work.settings.suspect_after,
                    .queued = work.settings.suspect_after,
                    .offline = work.settings.boot_offline});
    if (verdict.lost) give_up_boot(work, intent, verdict, machine);
}

void on_boot_log(Work& work, const input::BootLogRead& in) {
    const auto found = work.state.intents.find(in.intent);
    if (found == work.state.intents.end()) return;
    Intent& intent = found->second;
    if (!std::holds_alternative<rent::Bound>(intent.phase)) return;
    const auto trouble = read_boot_log(in.log);
    if (!trouble) return;
    const bool image = trouble->blame == BootBlame::kImage;
    // What lies in the network may pass; what the image lacks it will lack.
    constexpr Duration kMayPass = minutes(3);
    if (!image && (!intent.live || work.now - *intent.live < kMayPass)) return;
    lose_attempt(work, intent.attempt, image ? EndReason::kImageError : EndReason::kBootTimeout,
                 trouble->sentence);
}

void sweep_boot_log(Work& work, Intent& intent, const rent::Bound& bound) {
    // The container runs and nobody joined within a minute: its log may say why.
    constexpr Duration kFirstLook = minutes(1);
    if (intent.boot != BootStage::kStarting || !intent.live) return;
    Instant& next = work.state.boot_logs[intent.id];
    if (next == Instant{}) next = *intent.live + kFirstLook;
    if (work.now < next) return work.wake(std::min(next, bound.join_deadline));
    next = work.now + kFirstLook * 2;
    work.release(effect::ReadBootLog{intent.id, intent.contract});
    work.wake(std::min(next, bound.join_deadline));
}

}  // namespace herder
