// A machine whose agent has joined is measured before the job may use it; one that is not what its
// offer promised is given back at once.
#include "core/provisioner/admission.h"
#include "core/step/steps.h"

namespace herder {

namespace {

void admit(Work& work, Intent& intent, Attempt& attempt, const std::string& found) {
    work.edit_attempt(attempt.key()).admitted = work.now;
    advance_boot(work, intent, BootStage::kAdmitted);
    work.note("agent.admitted", attempt.job, to_text(intent.id), {{"found", found}});
}

std::string joined(const std::vector<std::string>& texts) {
    std::string out;
    for (const std::string& text : texts)
        out += (out.empty() ? "" : "; ") + text;
    return out;
}

void remember_links(Work& work, const AdmissionFacts& facts) {
    LinkRecord fastest = work.state.meta.fastest;
    learn_links(fastest, facts);
    if (fastest != work.state.meta.fastest) work.edit_meta().fastest = fastest;
}

}  // namespace

bool is_admitted(Work& work, Intent& intent, Attempt& attempt, const AgentReport& report,
                 AgentOrders& orders) {
    if (attempt.admitted || attempt.started || report.restore_failed) return true;
    if (!work.settings.admission_test) {
        admit(work, intent, attempt, "not tested: the test is switched off");
        return true;
    }
    if (report.protocol < kAgentProtocolAdmission) {
        admit(work, intent, attempt, "not tested: its agent is older than the test");
        return true;
    }
    if (!report.admission) {
        orders.admission =
            AdmissionTest{.disk = intent.disk, .probe_max = work.settings.admission_probe_max};
        return false;
    }
    const AdmissionVerdict verdict =
        judge_admission(intent.offer, intent.disk, *report.admission, work.state.meta.fastest, {});
    remember_links(work, *report.admission);
    if (verdict.admitted()) {
        admit(work, intent, attempt, describe(*report.admission));
        return true;
    }
    const EndReason reason =
        verdict.blames_host ? EndReason::kAdmissionFailed : EndReason::kProviderError;
    lose_attempt(work, intent.attempt, reason, joined(verdict.failures));
    return false;
}

void tell_given_back(Work& work, const Attempt& attempt, EndReason reason, const std::string& why) {
    if (reason != EndReason::kAdmissionFailed && reason != EndReason::kImageError &&
        reason != EndReason::kBootTimeout) {
        return;
    }
    for (const AttemptMember& member : attempt.members) {
        const Intent& intent = work.state.intents.at(member.intent);
        if (!intent.contract || !intent.bound) continue;
        work.note("machine.given_back", attempt.job, to_text(intent.id),
                  {{"machine", std::to_string(intent.offer.machine)},
                   {"after", to_text(work.now - *intent.bound)},
                   {"cost", to_decimal(cost_of(work.state, intent, work.now))},
                   {"why", why}});
    }
}

}  // namespace herder
