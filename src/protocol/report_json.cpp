#include "protocol/report_json.h"

#include "protocol/agent_fields.h"

namespace herder::protocol {

std::string to_json(const AgentReport& report) {
    return write_document(report);
}

Result<AgentReport> parse_report(std::string_view text) {
    auto report = read_document<AgentReport>(text, kReportSizeMax);
    if (!report) return report.error().with_context("reading an agent's report");
    if (report->protocol > kAgentProtocol || report->protocol < kAgentProtocol - 1) {
        return invalid("the agent speaks protocol " + std::to_string(report->protocol) +
                       ", this server " + std::to_string(kAgentProtocol) + " and the one before");
    }
    return report;
}

std::string to_json(const AttemptOutcome& outcome) {
    return write_document(outcome);
}

Result<AttemptOutcome> parse_outcome(std::string_view text) {
    return read_document<AttemptOutcome>(text, kOutcomeSizeMax).with_context("reading an outcome");
}

}  // namespace herder::protocol
