#pragma once
// AgentReport as JSON, and the outcome document that the agent leaves in the artifact store.
#include <string>
#include <string_view>

#include "base/result.h"
#include "core/jobs/agent_messages.h"

namespace herder::protocol {

constexpr std::size_t kReportSizeMax = 4 << 20;  // 10,000 checkpoint files of 200 characters
constexpr std::size_t kOutcomeSizeMax = 64 << 10;

std::string to_json(const AgentReport& report);
// Refuses other protocol numbers than ours and the one before.
Result<AgentReport> parse_report(std::string_view text);

std::string to_json(const AttemptOutcome& outcome);
Result<AttemptOutcome> parse_outcome(std::string_view text);

}  // namespace herder::protocol
