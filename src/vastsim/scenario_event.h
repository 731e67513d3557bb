#pragma once
// The pieces of a scenario file that the admin interface takes too: events, fault settings, times.
#include "base/result.h"
#include "vastsim/scenario.h"
#include "vastsim/value_json.h"

namespace herder::vastsim {

Result<Duration> to_duration(const Json& seconds);
FaultSetting parse_fault_setting(const Json& setting);
// {"do": "evict", "at_s": 600, ...}; unknown keys are refused.
Result<ScenarioEvent> parse_event(const Json& json);

}  // namespace herder::vastsim
