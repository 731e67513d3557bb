#include "sim/mutant.h"

namespace herder::sim {

const char* to_string(Mutant mutant) {
    switch (mutant) {
        case Mutant::kNone:
            return "none";
        case Mutant::kNoIntentRow:
            return "no-intent-row";
        case Mutant::kBlindRetry:
            return "blind-retry";
        case Mutant::kForgetFirstAbsence:
            return "forget-first-absence";
        case Mutant::kTrustDestroy:
            return "trust-destroy";
        case Mutant::kUnfencedCheckpoints:
            return "unfenced-checkpoints";
        case Mutant::kIgnoreLease:
            return "ignore-lease";
        case Mutant::kAddCharges:
            return "add-charges";
        case Mutant::kReissueIntents:
            return "reissue-intents";
        case Mutant::kFailedPageIsEnd:
            return "failed-page-is-end";
    }
    return "unknown";
}

std::optional<Mutant> parse_mutant(std::string_view word) {
    for (const Mutant mutant : kMutants) {
        if (word == to_string(mutant)) return mutant;
    }
    if (word == "none") return Mutant::kNone;
    return std::nullopt;
}

}  // namespace herder::sim
