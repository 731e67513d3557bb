#pragma once
// The nouns of the simulated market: machines, offers ("asks"), contracts, tenants. Plain data; how
// they change is in market*.cpp.
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/money.h"
#include "base/time.h"

namespace herder::vastsim {

// Asks and contracts share one sequence of numbers (vast-api 2.0).
using ContractNumber = std::int64_t;

struct GpuModel {
    std::string name;
    std::int64_t ram_mb = 0;
    std::int64_t compute_cap = 0;
    double tflops = 0;
    double dlperf = 0;
    std::int64_t power_watts = 0;
    double mem_bandwidth = 0;
    UsdPerHour on_demand;  // typical, one GPU
};

// An announced time without service.
struct Maintenance {
    WallTime start;
    Duration lasts;
    std::string reason;
};

struct Machine {
    std::int64_t id = 0;
    std::int64_t host_id = 0;
    GpuModel gpu;
    std::vector<std::int64_t> gpu_ids;
    std::int64_t min_gpus = 1;
    UsdPerHour on_demand_per_gpu;  // moves with the market; affects new contracts only
    UsdPerHour floor_per_gpu;      // the host's lowest bid
    std::int64_t storage_micros_per_gb_month = 150'000;
    std::int64_t disk_total_gb = 0;
    std::int64_t cpu_cores = 0;
    std::int64_t cpu_ram_mb = 0;
    std::string cpu_name;
    double inet_up = 0;
    double inet_down = 0;
    double reliability = 0;
    bool verified = true;
    bool datacenter = false;
    std::string geolocation;
    std::string public_ip;
    WallTime end_date;
    bool online = true;
    bool vanished = false;  // went away for good
    bool unlisted = false;  // takes no new renters
    std::map<std::string, bool> cached_images;
    // Micro-dollars for each GB of traffic; zero is common (vast-api 3.3).
    std::int64_t down_micros_per_gb = 0;
    std::int64_t up_micros_per_gb = 0;
    bool lies = false;  // a tenth of the bandwidth, and less disk than asked (vast-api Q26, Q45)
    std::vector<Maintenance> maintenances;
};

// A slice of one machine's GPUs that can be rented; the number is stable and is used again after
// the rental ends.
struct Ask {
    ContractNumber id = 0;
    std::int64_t machine_id = 0;
    std::size_t first_gpu = 0;
    std::size_t gpu_count = 0;
};

// Somebody else's rental.
struct Tenant {
    std::int64_t id = 0;
    std::int64_t machine_id = 0;
    std::size_t first_gpu = 0;
    std::size_t gpu_count = 0;
    std::optional<UsdPerHour> bid;  // none: on demand
};

enum class ContractState { kRunning, kStopped, kScheduling };
// What the container really is.
enum class ContainerState {
    kNone,  // the host has not reported: null
    kCreated,
    kLoading,
    kRunning,
    kStopping,  // still running, asked to stop: billed until it is down
    kRebooting,
    kRecycling,
    kExited,
};

// What the API tells about a machine; a copy of the truth as old as the last heartbeat.
struct Reported {
    std::string actual_status;  // empty: null
    std::string status_msg;     // empty: null
    ContractState cur = ContractState::kStopped;
    ContractState next = ContractState::kRunning;
    ContractState intended = ContractState::kRunning;
    WallTime at;
    bool operator==(const Reported&) const = default;
};

enum class ChargeKind { kGpu, kDisk, kDownload, kUpload };

// Micro-dollars per hour times microseconds, summed over one day: exact; divided only when read.
struct DayCharges {
    std::int64_t gpu = 0;
    std::int64_t disk = 0;
    std::int64_t gpu_us = 0;  // billed GPU time, for the text of the charge
    // Traffic, whole micro-dollars.
    std::int64_t download_micros = 0;
    std::int64_t upload_micros = 0;
};

// A disk of its own on one machine, billed until it is deleted (vast-api 2.15).
struct Volume {
    ContractNumber id = 0;
    std::int64_t machine_id = 0;
    std::int64_t size_gb = 0;
    std::string name;
    UsdPerHour rate;
    WallTime created;
    WallTime billed_until;
    std::optional<WallTime> deleted;
    std::map<std::int64_t, DayCharges> days;
};

// New terms for the time after end_date (vast-api 2.12).
struct PriceIncrease {
    std::int64_t id = 0;
    UsdPerHour gpu_rate;
    UsdPerHour storage_rate;
    WallTime ask_end;
    WallTime created;
    bool accepted = false;
};

struct VolumeRequest {
    bool create_new = false;
    ContractNumber id = 0;  // of the ask when new, else of the volume
    std::int64_t size_gb = 0;
    std::string mount_path;
    std::string name;
};

struct CreateRequest {
    ContractNumber ask_id = 0;
    std::string image;
    std::int64_t disk_gb = 8;
    std::vector<std::pair<std::string, std::string>> env;
    std::optional<UsdPerHour> price;  // present: interruptible with this bid
    std::string runtype = "ssh";
    std::string onstart;
    std::vector<std::string> args;
    std::string label;
    bool cancel_unavail = false;
    bool target_running = true;
    bool vm = false;
    std::optional<VolumeRequest> volume;
    std::int64_t template_id = 0;
    std::string template_hash;
    std::string template_name;
};

// What a webhook may be told about (vast-api 2.21).
struct Notice {
    std::string slug;  // "outbid"
    std::string subject;
    std::string message;
    WallTime at;
};

// A row of the invoices (vast-api 2.19); a top-up has a negative amount.
struct Invoice {
    std::int64_t id = 0;
    WallTime when;
    std::string type;     // credit, refund, reserved
    std::string service;  // stripe_payments, instance_prepay
    std::string description;
    Usd amount;
};

struct HistoryEntry {
    WallTime at;
    std::string what;
};

struct Contract {
    ContractNumber id = 0;
    CreateRequest request;
    std::int64_t machine_id = 0;
    std::size_t first_gpu = 0;
    std::size_t gpu_count = 0;
    std::string api_key;
    UsdPerHour gpu_rate;      // locked: min(bid, on-demand)
    UsdPerHour storage_rate;  // locked
    std::optional<UsdPerHour> bid;
    std::string label;
    WallTime created;
    WallTime visible_from;
    WallTime end_date;
    std::optional<WallTime> destroyed;
    std::optional<WallTime> first_running;

    ContractState intended = ContractState::kRunning;
    ContractState cur = ContractState::kRunning;
    ContractState next = ContractState::kRunning;
    ContainerState container = ContainerState::kNone;
    std::string status_msg;
    bool has_gpus = false;
    bool queued_start = false;  // refused softly, fires when the GPUs are free
    bool outbid = false;        // lost its GPUs to somebody else and has not run since
    bool out_of_credit = false;
    bool container_alive = false;  // a process tree exists (also on an unreachable host)
    std::optional<WallTime> offline_since;
    Reported reported;
    Reported previous;        // what list_stale repeats
    std::uint64_t phase = 0;  // timers of an older phase are ignored

    bool phantom = false;
    bool never_boots = false;
    std::string boot_failure;    // the daemon's words when the container cannot start
    bool dead_endpoint = false;  // reads running, but no container runs
    bool wrong_gpu = false;      // other cards than its offer says
    bool frozen_words = false;   // status_msg stands still during the pull
    std::int64_t disk_gb = 0;    // really given; may be less than asked
    std::int64_t runs = 0;       // starts of the container; external ports may change
    std::string address;         // overrides the machine's public address
    std::set<std::int64_t> ssh_keys;
    std::map<std::int64_t, std::string> own_ssh_keys;
    ContractNumber volume = 0;
    std::optional<PriceIncrease> increase;
    // Reserved: prepaid, what it had cost then, and the rate without the discount.
    Usd deposit;
    Usd cost_at_deposit;
    UsdPerHour undiscounted;
    Usd discount_taken;
    double discount_months = 0;
    double discount_rate = 0;
    bool ghost = false;
    std::int64_t linger_polls = 0;  // listed this often although destroyed

    WallTime billed_until;
    std::map<std::int64_t, DayCharges> days;
    std::vector<HistoryEntry> history;
};

}  // namespace herder::vastsim
