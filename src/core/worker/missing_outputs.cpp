#include "core/worker/missing_outputs.h"

namespace herder {

AttemptOutcome with_missing_outputs(AttemptOutcome outcome, const std::string& missing) {
    if (missing.empty() || outcome.detail.find(missing) != std::string::npos) return outcome;
    if (!outcome.detail.empty()) outcome.detail += "; ";
    outcome.detail += missing;
    return outcome;
}

}  // namespace herder
