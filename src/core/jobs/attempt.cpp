#include "core/jobs/attempt.h"

namespace herder {

namespace {

struct Word {
    const char* operator()(const attempt_phase::Placing&) const { return "placing"; }
    const char* operator()(const attempt_phase::Booting&) const { return "booting"; }
    const char* operator()(const attempt_phase::Running&) const { return "running"; }
    const char* operator()(const attempt_phase::Stopping&) const { return "stopping"; }
    const char* operator()(const attempt_phase::Ended&) const { return "ended"; }
};

}  // namespace

const char* to_string(const AttemptPhase& phase) {
    return std::visit(Word{}, phase);
}

}  // namespace herder
