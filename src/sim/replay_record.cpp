#include "sim/replay_record.h"

#include <type_traits>

#include "core/step/core.h"
#include "engine/input_recorder.h"

namespace herder::sim {

namespace {

// What came in, and for whom: "agent_reported i7".
std::string text_of(const InputBody& body) {
    return std::visit(
        [](const auto& in) -> std::string {
            using T = std::remove_cvref_t<decltype(in)>;
            if constexpr (std::is_same_v<T, input::TimerFired>)
                return "timer_fired";
            else if constexpr (std::is_same_v<T, input::SubmitJob>)
                return "submit_job " + in.spec.name;
            else if constexpr (std::is_same_v<T, input::ChangeJob>)
                return "change_job " + herder::to_text(in.job);
            else if constexpr (std::is_same_v<T, input::SetBudgets>)
                return "set_budgets " + std::to_string(in.budgets.size());
            else if constexpr (std::is_same_v<T, input::EndMachine>)
                return "end_machine " + std::to_string(in.contract.value) + (in.now ? " now" : "");
            else if constexpr (std::is_same_v<T, input::AdoptMachine>)
                return "adopt_machine " + std::to_string(in.contract.value);
            else if constexpr (std::is_same_v<T, input::HoldRenting>)
                return in.lift ? "allow_renting" : "hold_renting";
            else if constexpr (std::is_same_v<T, input::AgentJoined>)
                return "agent_joined " + herder::to_text(in.intent);
            else if constexpr (std::is_same_v<T, input::AgentReported>)
                return "agent_reported " + herder::to_text(in.report.intent) + " step " +
                       std::to_string(in.report.step);
            else if constexpr (std::is_same_v<T, input::AgentGone>)
                return "agent_gone " + herder::to_text(in.intent);
            else if constexpr (std::is_same_v<T, input::OutcomeFound>)
                return "outcome_found " + herder::to_text(in.attempt.job) +
                       (in.outcome ? "" : " none");
            else if constexpr (std::is_same_v<T, input::CreateStarted>)
                return "create_started " + herder::to_text(in.intent);
            else if constexpr (std::is_same_v<T, input::CreateEnded>)
                return "create_ended " + herder::to_text(in.intent) + " contract " +
                       std::to_string(in.contract.value) + " " + in.detail;
            else if constexpr (std::is_same_v<T, input::DestroyEnded>)
                return "destroy_ended " + herder::to_text(in.intent) + " " + in.detail;
            else if constexpr (std::is_same_v<T, input::MachinesListed>)
                return std::string(in.complete ? "machines_listed " : "listing_failed ") +
                       std::to_string(in.machines.size()) + " " + in.detail;
            else if constexpr (std::is_same_v<T, input::ProviderHinted>)
                return "provider_hinted " + in.why;
            else if constexpr (std::is_same_v<T, input::OffersFound>)
                return "offers_found " + std::to_string(in.offers.size());
            else if constexpr (std::is_same_v<T, input::ChargesRead>)
                return "charges_read " + std::to_string(in.charges.size());
            else if constexpr (std::is_same_v<T, input::BootLogRead>)
                return "boot_log_read " + herder::to_text(in.intent);
            else if constexpr (std::is_same_v<T, input::IncreasesRead>)
                return "increases_read " + std::to_string(in.increases.size());
            else if constexpr (std::is_same_v<T, input::MaintenancesRead>)
                return "maintenances_read " + std::to_string(in.windows.size());
            else if constexpr (std::is_same_v<T, input::ManifestWritten>)
                return "manifest_written " + herder::to_text(in.checkpoint);
            else if constexpr (std::is_same_v<T, input::ObjectsDeleted>)
                return "objects_deleted " + herder::to_text(in.checkpoint);
            else if constexpr (std::is_same_v<T, input::LeadershipGained>)
                return "leadership_gained term " + std::to_string(in.term.value);
            else
                static_assert(!sizeof(T), "an input without a text");
        },
        body);
}

void trace(std::uint64_t number, const std::vector<Input>& batch, const Output& output,
           std::ostream& out) {
    out << "batch " << number << " at " << to_text(batch.front().now - Instant{}) << "\n";
    for (const Input& input : batch)
        out << "    < " << text_of(input.body) << "\n";
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
