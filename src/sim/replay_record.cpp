#include "sim/replay_record.h"

#include <variant>

#include "core/step/core.h"
#include "engine/input_recorder.h"

namespace herder::sim {

namespace {

// What came in, and for whom: "agent_reported i7".
struct Teller {
    std::string operator()(const input::TimerFired&) const { return "timer_fired"; }
    std::string operator()(const input::SubmitJob& in) const {
        return "submit_job " + in.spec.name;
    }
    std::string operator()(const input::ChangeJob& in) const {
        return "change_job " + herder::to_text(in.job);
    }
    std::string operator()(const input::ChangeCheckpoint& in) const {
        return "change_checkpoint " + herder::to_text(in.checkpoint);
    }
    std::string operator()(const input::SetBudgets& in) const {
        return "set_budgets " + std::to_string(in.budgets.size());
    }
    std::string operator()(const input::EndMachine& in) const {
        return "end_machine " + std::to_string(in.contract.value) + (in.now ? " now" : "");
    }
    std::string operator()(const input::AdoptMachine& in) const {
        return "adopt_machine " + std::to_string(in.contract.value);
    }
    std::string operator()(const input::HoldRenting& in) const {
        return in.lift ? "allow_renting" : "hold_renting";
    }
    std::string operator()(const input::AgentJoined& in) const {
        return "agent_joined " + herder::to_text(in.intent);
    }
    std::string operator()(const input::AgentReported& in) const {
        return "agent_reported " + herder::to_text(in.report.intent) + " step " +
               std::to_string(in.report.step);
    }
    std::string operator()(const input::AgentGone& in) const {
        return "agent_gone " + herder::to_text(in.intent);
    }
    std::string operator()(const input::OutcomeFound& in) const {
        return "outcome_found " + herder::to_text(in.attempt.job) + (in.outcome ? "" : " none");
    }
    std::string operator()(const input::CreateStarted& in) const {
        return "create_started " + herder::to_text(in.intent);
    }
    std::string operator()(const input::CreateEnded& in) const {
        return "create_ended " + herder::to_text(in.intent) + " contract " +
               std::to_string(in.contract.value) + " " + in.detail;
    }
    std::string operator()(const input::DestroyEnded& in) const {
        return "destroy_ended " + herder::to_text(in.intent) + " " + in.detail;
    }
    std::string operator()(const input::MachinesListed& in) const {
        return std::string(in.complete ? "machines_listed " : "listing_failed ") +
               std::to_string(in.machines.size()) + " " + in.detail;
    }
    std::string operator()(const input::ProviderHinted& in) const {
        return "provider_hinted " + in.why;
    }
    std::string operator()(const input::OffersFound& in) const {
        return "offers_found " + std::to_string(in.offers.size());
    }
    std::string operator()(const input::ChargesRead& in) const {
        return "charges_read " + std::to_string(in.charges.size());
    }
    std::string operator()(const input::BootLogRead& in) const {
        return "boot_log_read " + herder::to_text(in.intent);
    }
    std::string operator()(const input::IncreasesRead& in) const {
        return "increases_read " + std::to_string(in.increases.size());
    }
    std::string operator()(const input::MaintenancesRead& in) const {
        return "maintenances_read " + std::to_string(in.windows.size());
    }
    std::string operator()(const input::ManifestWritten& in) const {
        return "manifest_written " + herder::to_text(in.checkpoint);
    }
    std::string operator()(const input::ObjectsDeleted& in) const {
        return "objects_deleted " + herder::to_text(in.checkpoint);
    }
    std::string operator()(const input::JobsFound& in) const {
        return "jobs_found " + std::to_string(in.jobs.size());
    }
    std::string operator()(const input::RunLookFailed& in) const {
        return "run_look_failed " + herder::to_text(in.job) + (in.denied ? " denied" : "");
    }
    std::string operator()(const input::RunSeen& in) const {
        return "run_seen " + herder::to_text(in.job);
    }
    std::string operator()(const input::LeadershipGained& in) const {
        return "leadership_gained term " + std::to_string(in.term.value);
    }
};

void trace(std::uint64_t number, const std::vector<Input>& batch, const Output& output,
           std::ostream& out) {
    out << "batch " << number << " at " << to_text(batch.front().now - Instant{}) << "\n";
    for (const Input& input : batch)
        out << "    < " << std::visit(Teller{}, input.body) << "\n";
    for (const Event& event : output.events) {
        if (!event.row) out << "    = " << to_text(event) << "\n";
    }
    if (!output.effects.empty()) out << "    > " << output.effects.size() << " effects\n";
}

}  // namespace

std::string to_text(const Event& event) {
    std::string text = event.kind + " " + event.subject;
    for (const auto& [key, value] : event.fields)
        text += " " + key + "=" + value;
    return text;
}

int replay_record(const std::string& path, bool is_tracing, std::ostream& out) {
    const Result<CoreMakeup> makeup = read_makeup(path);
    if (!makeup) {
        out << "replay: " << makeup.error().message << "\n";
        return 2;
    }
    Core core(makeup->cluster, makeup->settings);
    std::uint64_t number = 0;
    const auto watch = [&](const std::vector<Input>& batch, const Output& output) {
        ++number;
        if (is_tracing && !batch.empty()) trace(number, batch, output, out);
    };
    const Result<ReplayReport> report = replay_inputs(path, core, watch);
    if (!report) {
        out << "replay: " << report.error().message << "\n";
        return 2;
    }
    out << "replay: rows=" << report->rows << " batches=" << report->batches
        << " differing=" << report->differing;
    if (report->differing > 0) {
        out << " first_differing=" << report->first_differing
            << " (this core decides otherwise from there on)";
    }
    out << "\n";
    return report->differing == 0 ? 0 : 1;
}

}  // namespace herder::sim
