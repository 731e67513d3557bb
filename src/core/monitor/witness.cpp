#include "core/monitor/witness.h"

namespace herder {

std::optional<EndReason> judge(const Silence& silence, const SilenceLimits& limits) {
    const bool suspected = silence.silent >= limits.suspect_after;
    switch (silence.word) {
        case ProviderWord::kNothing:
            return std::nullopt;
        case ProviderWord::kStopped:
            // Vast.ai has no field that says "outbid": a machine that we did not stop and that is
            // stopped was taken away (vast-api 4.4, November 2026).
            if (silence.silent >= limits.missed_beats) return EndReason::kPreempted;
            return std::nullopt;
        case ProviderWord::kOffline:
        case ProviderWord::kAbsent:
        case ProviderWord::kFailed:
            if (suspected) return EndReason::kHostLost;
            return std::nullopt;
        case ProviderWord::kRunning:
        case ProviderWord::kStarting:
            if (silence.silent >= limits.silence_long && silence.others_heard &&
                silence.provider_heard) {
                return EndReason::kAgentLost;
            }
            return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace herder
