#include "core/worker/classify.h"

namespace herder {

AttemptOutcome classify_end(const worker_input::ProcessEnd& end, EndedIn where,
                            std::optional<EndReason> stop) {
    AttemptOutcome outcome{EndReason::kUserError, end.exit_code, end.detail};
    const bool in_setup = where == EndedIn::kSetup;
    if (stop) {
        outcome.reason = *stop;
    } else if (end.exit_code == 0 && !in_setup) {
        outcome.reason = EndReason::kSucceeded;
        outcome.detail.clear();
    } else if (end.host_out_of_memory) {
        outcome.reason = EndReason::kOutOfMemoryHost;
    } else if (end.gpu_out_of_memory) {
        outcome.reason = EndReason::kOutOfMemoryGpu;
    } else if (end.disk_full) {
        outcome.reason = EndReason::kDiskFull;
    }
    if (in_setup && !stop) {
        outcome.detail = "setup ended with exit code " + std::to_string(end.exit_code) +
                         (end.detail.empty() ? "" : ": " + end.detail);
    }
    return outcome;
}

}  // namespace herder
