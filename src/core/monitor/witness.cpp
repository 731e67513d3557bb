#include "core/monitor/witness.h"

namespace herder {

namespace {

constexpr MachineVerdict kWait{};

}  // namespace

AgentContact contact_of(const Silence& silence, const SilenceLimits& limits) {
    if (silence.silent < limits.missed_beats) return AgentContact::kHeard;
    if (silence.silent < limits.suspect_after) return AgentContact::kMissedBeats;
    const bool long_silent =
        silence.silent >= limits.silence_long && silence.others_heard && silence.provider_heard;
    return long_silent ? AgentContact::kLongSilent : AgentContact::kSuspected;
}

MachineVerdict judge(ProviderWord word, AgentContact contact) {
    if (contact == AgentContact::kHeard) return kWait;
    const bool suspected = contact != AgentContact::kMissedBeats;
    switch (word) {
        case ProviderWord::kNothing:
            return kWait;
        case ProviderWord::kStopped:
            // Vast.ai has no field that says "outbid": a machine that we did not stop and that is
            // stopped was taken away (vast-api 4.4, November 2026).
            return {.lost = EndReason::kPreempted,
                    .sentence =
                        "its GPUs went to somebody who pays more or rents on demand; what "
                        "is left of it is destroyed, for its disk costs on"};
        case ProviderWord::kQueued:
            return {.lost = EndReason::kPreempted,
                    .sentence =
                        "its GPUs went to somebody else and it waits to start again; it is "
                        "destroyed before that fires and costs, maybe hours later"};
        case ProviderWord::kEnded:
            return {.lost = EndReason::kContractEnd,
                    .sentence =
                        "its contract has ended; what is left of it is destroyed, for its "
                        "disk costs on"};
        case ProviderWord::kOffline:
            if (!suspected) return kWait;
            return {.lost = EndReason::kHostLost,
                    .sentence =
                        "its host is offline, which costs nothing; should it come back, it "
                        "is turned away and destroyed"};
        case ProviderWord::kAbsent:
            if (!suspected) return kWait;
            return {.lost = EndReason::kHostLost,
                    .sentence = "its agent is silent and the provider lists it no more"};
        case ProviderWord::kFailed:
            if (!suspected) return kWait;
            return {.lost = EndReason::kHostLost,
                    .sentence = "its agent is silent and its container does not start again"};
        case ProviderWord::kRunning:
        case ProviderWord::kStarting:
            if (contact != AgentContact::kLongSilent) return kWait;
            return {.lost = EndReason::kAgentLost,
                    .sentence =
                        "the provider calls it running, but its agent is silent while "
                        "others are heard"};
    }
    return kWait;
}

MachineVerdict judge_boot(ProviderWord word, Duration age, Duration odd_for,
                          const BootLimitsOfWord& limits) {
    switch (word) {
        case ProviderWord::kNothing:
        case ProviderWord::kRunning:
        case ProviderWord::kStarting:
        case ProviderWord::kAbsent:
            return kWait;
        case ProviderWord::kStopped:
            if (age < limits.settle) return kWait;
            return {.lost = EndReason::kPreempted,
                    .sentence = "taken away before its agent joined"};
        case ProviderWord::kEnded:
            if (age < limits.settle) return kWait;
            return {.lost = EndReason::kContractEnd,
                    .sentence = "its contract ended before its agent joined"};
        case ProviderWord::kQueued:
            // A start that waits for longer than half a minute has lost its GPUs to somebody else
            // (vast-api 4.3, November 2026).
            if (odd_for < limits.queued) return kWait;
            return {.lost = EndReason::kPreempted,
                    .sentence =
                        "taken away before its agent joined; it is destroyed before it "
                        "starts by itself, maybe hours later"};
        case ProviderWord::kOffline:
            if (odd_for < limits.offline) return kWait;
            return {.lost = EndReason::kHostLost,
                    .sentence = "its host went offline before its agent joined"};
        case ProviderWord::kFailed:
            return {.lost = EndReason::kAdmissionFailed, .sentence = "its container cannot start"};
    }
    return kWait;
}

}  // namespace herder
