#pragma once
// What kind of world the market simulates: size, delays, other tenants, uncertain points of the
// real service as switches, and faults that are on from the start. Not the state of the world.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/money.h"
#include "base/result.h"
#include "base/time.h"

namespace herder::vastsim {

// Drawn uniformly for each use, in market time.
struct DelayRange {
    Duration low;
    Duration high;
    bool operator==(const DelayRange&) const = default;
};

struct FaultSetting {
    std::uint64_t per_million = 0;  // chance at each opportunity
    std::int64_t next_calls = 0;    // this many coming opportunities fail for certain
    std::int64_t amount = 0;        // seconds or polls, by fault; 0 = the fault's default
    bool operator==(const FaultSetting&) const = default;
};

struct Scenario {
    std::string name = "calm";
    std::uint64_t machines = 48;
    Usd credit = usd_cents(10'000);

    // Boot phases: reply -> visible -> created -> loading -> running.
    DelayRange visible{seconds(0), seconds(0)};
    DelayRange provisioning{seconds(1), seconds(3)};
    DelayRange created{seconds(1), seconds(2)};
    DelayRange image_pull{seconds(6), seconds(15)};
    DelayRange cached_start{seconds(2), seconds(4)};
    DelayRange stop{seconds(5), seconds(10)};
    // How far API reads of a machine's own words lag behind the truth (one host heartbeat).
    DelayRange heartbeat{seconds(1), seconds(5)};
    Duration unknown_after = seconds(90);
    Duration offline_after = seconds(180);
    Duration credit_refresh = seconds(3);
    Duration charges_delay = seconds(30);
    Duration outbid_hold = hours(6);

    // Other tenants: mean time between arrivals at one machine; zero switches them off.
    Duration tenant_interval;
    Duration tenant_stay_median = minutes(90);
    Duration price_step;  // zero: on-demand prices stand still

    // Uncertain points of the real service (vast-api 9).
    std::uint64_t search_row_cap = 0;    // 0: only the request's limit; 64 was seen live
    bool outbid_keeps_intended = false;  // pattern B
    bool loading_reads_stopped = false;  // cur_state while loading
    bool refused_calls_restart_interval = true;
    bool bill_loading = false;              // GPU billed from creation
    Duration create_penalty = seconds(12);  // lock-out of creates after a violation
    std::uint64_t start_refusal_per_million = 0;

    std::map<std::string, FaultSetting> faults;

    bool operator==(const Scenario&) const = default;
};

// "calm" and "hostile" are built in; anything else is the path of a scenario file.
Result<Scenario> load_scenario(const std::string& name_or_file);
Scenario calm_scenario();
Scenario hostile_scenario();
// The text of a scenario file: a JSON object; absent keys keep calm's values, unknown keys are
// refused. Implemented in scenario_json.cpp.
Result<Scenario> parse_scenario(const std::string& text);

}  // namespace herder::vastsim
