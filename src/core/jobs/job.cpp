#include "core/jobs/job.h"

namespace herder {

namespace {

struct Word {
    const char* operator()(const phase::Queued&) const { return "queued"; }
    const char* operator()(const phase::Placing&) const { return "placing"; }
    const char* operator()(const phase::Running&) const { return "running"; }
    const char* operator()(const phase::Recovering&) const { return "recovering"; }
    const char* operator()(const phase::Paused&) const { return "paused"; }
    const char* operator()(const phase::Succeeded&) const { return "succeeded"; }
    const char* operator()(const phase::Failed&) const { return "failed"; }
    const char* operator()(const phase::Cancelled&) const { return "cancelled"; }
};

}  // namespace

const char* to_string(const JobPhase& phase) {
    return std::visit(Word{}, phase);
}

bool is_terminal(const JobPhase& phase) {
    return std::holds_alternative<phase::Succeeded>(phase) ||
           std::holds_alternative<phase::Failed>(phase) ||
           std::holds_alternative<phase::Cancelled>(phase);
}

bool is_waiting(const JobPhase& phase) {
    return std::holds_alternative<phase::Queued>(phase) ||
           std::holds_alternative<phase::Recovering>(phase);
}

bool is_active(const JobPhase& phase) {
    return std::holds_alternative<phase::Placing>(phase) ||
           std::holds_alternative<phase::Running>(phase);
}

}  // namespace herder
