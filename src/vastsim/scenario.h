#pragma once
// What kind of world the market simulates: size, delays, other tenants, uncertain points of the
// real service as switches, faults that are on from the start, events on a time line. Not the state
// of the world.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
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
    std::int64_t skip_calls = 0;    // after letting this many pass
    std::int64_t machine = 0;       // only on this machine; 0: on any
    bool operator==(const FaultSetting&) const = default;
};

enum class EventKind {
    kPrices,         // prices and floors times `factor`, for `lasts`
    kEvict,          // on-demand renters take the GPUs of `share` of the bid rentals, for `lasts`
    kOffline,        // `share` of the machines go offline, for `lasts`
    kVanish,         // and never come back
    kUnlist,         // and take no new renters, for `lasts`
    kCrash,          // `share` of the containers end with code `amount`
    kCredit,         // the credit becomes `amount` dollars
    kFault,          // `fault` is on, for `lasts`
    kEndRentals,     // the rentals of `share` of the contracts end in `lasts`
    kPriceIncrease,  // hosts ask `factor` times the price after the end of the rental
    kMaintenance,    // announced now, begins in `notice`, takes `lasts`
    kMoveAddress,    // public addresses change
};

// Something that happens at a set time, and again every `every`.
struct ScenarioEvent {
    EventKind kind = EventKind::kPrices;
    Duration at;
    Duration every;  // zero: once
    Duration lasts;  // zero: for ever
    Duration notice;
    std::string gpu;      // only these cards; empty: all
    std::string country;  // only there ("US"); empty: everywhere
    std::uint64_t share_per_million = 1'000'000;
    std::int64_t factor_milli = 1000;
    std::int64_t amount_micros = 0;
    std::string fault;
    FaultSetting setting;
    bool operator==(const ScenarioEvent&) const = default;
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
    DelayRange outbid_report{seconds(0), seconds(0)};  // in addition, until an outbid shows
    DelayRange log_upload{seconds(1), seconds(3)};
    Duration unknown_after = seconds(90);
    Duration offline_after = seconds(180);
    Duration credit_refresh = seconds(3);
    Duration charges_delay = seconds(30);
    Duration outbid_hold = hours(6);
    Duration refused_start_fires = minutes(30);  // when a start refused without need is carried out
    Duration expired_kept = hours(48);           // data of an ended rental (vast-api 4.6)

    // Other tenants: mean time between arrivals at one machine; zero switches them off.
    Duration tenant_interval;
    Duration tenant_stay_median = minutes(90);
    std::uint64_t tenant_on_demand_per_million = 300'000;  // the rest bid
    Duration price_step;                                   // zero: on-demand prices stand still
    std::uint64_t price_step_most_per_mille = 15;

    // Hosts: mean time between losses of one machine; zero switches them off.
    Duration host_loss_interval;
    DelayRange host_loss{minutes(2), hours(2)};
    std::uint64_t host_vanishes_per_million = 50'000;
    std::uint64_t offline_container_dies_per_million = 500'000;
    std::uint64_t lying_hosts_per_million = 0;
    bool bandwidth_costs = false;

    // Money: at the threshold the card pays the amount after a while; zero: no card.
    Usd autobill_threshold;
    Usd autobill_amount;
    Duration autobill_delay = minutes(10);
    Duration debt_buffer = hours(24);  // of average spend, until everything is destroyed

    // Uncertain points of the real service (vast-api 9); switches.h says what each leaves open.
    std::uint64_t search_row_cap = 0;  // 0: only the request's limit; 64 was seen live
    std::uint64_t search_sample_per_million = 1'000'000;
    bool search_nulls = false;
    bool refused_calls_restart_interval = true;
    bool rate_limit_per_id = false;
    bool retry_after_header = false;
    Duration create_penalty = seconds(12);  // lock-out of creates after a violation
    bool outbid_keeps_intended = false;     // pattern B
    bool outbid_mixed = false;
    bool outbid_reads_stopped = false;
    bool outbid_resumes = true;
    bool bid_tie_evicts = false;
    bool loading_reads_stopped = false;  // cur_state while loading
    bool loading_mixed = false;
    bool end_keeps_intended = false;
    bool credit_out_keeps_intended = false;
    bool offline_reads_stopped = false;
    Duration sigterm;          // before SIGKILL at stop, reboot, recycle and destroy
    Duration preempt_sigterm;  // and when GPUs are lost
    bool topup_resumes = false;
    bool bill_loading = false;  // GPU billed from creation
    bool bill_exited = true;
    bool restart_exited = false;
    bool bid_per_gpu = false;
    Usd bid_most_per_gpu = usd_cents(3'200);
    bool env_string_parsed = false;
    bool scope_missing_403 = false;
    Usd spend_cap_per_hour;  // zero: none
    bool start_without_credit_queues = false;
    std::uint64_t args_limit = 4096;
    bool image_in_disk = false;
    bool bill_image_pull = false;
    bool pull_by_size = false;
    bool ssh_key_reaches_all = false;
    bool show_has_ports = true;
    bool ports_change_on_start = false;
    bool serve_without_slash = false;
    bool webhooks_public_only = false;
    std::uint64_t start_refusal_per_million = 0;

    std::map<std::string, FaultSetting> faults;
    std::vector<ScenarioEvent> events;

    bool operator==(const Scenario&) const = default;
};

// A shipped scenario by name, or the path of a scenario file (YAML or JSON).
Result<Scenario> load_scenario(const std::string& name_or_file);
// In the order of the documentation.
std::vector<std::string_view> shipped_scenario_names();
// The shipped file, as it was when this program was built; empty for unknown names.
std::string_view shipped_scenario_text(std::string_view name);
Scenario calm_scenario();
Scenario hostile_scenario();
// The text of a scenario file: one object; absent keys keep calm's values, unknown keys are
// refused. Implemented in scenario_json.cpp.
Result<Scenario> parse_scenario(const std::string& text);
// "NAME=VALUE" of one key, as on the command line.
Status set_scenario_key(Scenario& scenario, const std::string& assignment);

}  // namespace herder::vastsim
