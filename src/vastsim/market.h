#pragma once
// The world of the market: pure and deterministic. Time comes in through advance(), container
// commands go out through take_commands(); no socket, no process, no clock. The files market.cpp,
// market_boot.cpp, market_rent.cpp, market_gpus.cpp and market_billing.cpp implement it.
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "vastsim/container_runner.h"
#include "vastsim/fault.h"
#include "vastsim/scenario.h"
#include "vastsim/world.h"

namespace herder::vastsim {

enum class CommandKind { kStart, kKill, kRemove };
struct ContainerCommand {
    CommandKind kind = CommandKind::kKill;
    ContainerSpec spec;  // only the id matters for kKill and kRemove
};

// A row of the search: one ask with the prices that this search sees.
struct Offer {
    Ask ask;
    const Machine* machine = nullptr;
    bool is_bid = false;
    bool rentable = false;
    bool rented = false;
    UsdPerHour dph_base;
    UsdPerHour storage;  // for the allocated storage of the search
    UsdPerHour min_bid;
    UsdPerHour on_demand;
    std::int64_t disk_free_gb = 0;
    WallTime now;
    UsdPerHour dph_total() const { return dph_base + storage; }
};

struct Created {
    ContractNumber id = 0;
    std::string api_key;
};
// `http` is what the reply carries; `code` is the number that the text embeds, which may differ.
struct Refused {
    int http = 400;
    std::string error;
    std::string msg;
    std::optional<ContractNumber> new_contract;
};
using CreateOutcome = std::variant<Created, Refused>;

enum class StartOutcome { kStarted, kQueued, kNoCredit, kExpired };

struct ChargeRow {
    ContractNumber contract = 0;
    std::string label;
    std::int64_t day = 0;
    UsdPerHour gpu_rate;
    DayCharges charges;
};

// Which create faults the API drew for one call.
struct CreateFaults {
    bool stopped_contract = false;
    bool phantom = false;
};

// Exact cost of one day's product, rounded half up to the micro-dollar.
Usd usd_of_product(std::int64_t rate_times_us);

class Market {
  public:
    Market(Scenario scenario, std::uint64_t seed, WallTime start);

    // Runs everything that is due until `now`; never backwards.
    void advance(WallTime now);
    WallTime now() const { return now_; }
    const Scenario& scenario() const { return scenario_; }
    FaultTable& faults() { return faults_; }

    // Search.
    std::vector<Offer> offers(bool bid, std::int64_t allocated_milli_gb) const;
    UsdPerHour min_bid(const Machine& machine, std::size_t first, std::size_t count) const;
    static UsdPerHour storage_rate(const Machine& machine, std::int64_t milli_gb);

    // Renting. The caller has checked the key and the form of the request.
    CreateOutcome create(const CreateRequest& request, CreateFaults create_faults = {});
    void stop(ContractNumber id);
    StartOutcome start(ContractNumber id);
    void change_bid(ContractNumber id, std::optional<UsdPerHour> bid);
    void set_label(ContractNumber id, const std::string& label);
    void destroy(ContractNumber id);

    // Every contract there ever was; a listed contract is visible and not destroyed.
    const std::map<ContractNumber, Contract>& contracts() const { return contracts_; }
    const Contract* find_listed(ContractNumber id) const;
    // In order of id. Counts down the polls of destroyed machines that linger.
    std::vector<const Contract*> listed_now();
    const Machine& machine_of(const Contract& contract) const;
    ContractNumber number_of_key(const std::string& api_key) const;

    // Money.
    Usd credit();  // as old as credit_refresh
    Usd spent();   // exact, now
    Usd cost_of(ContractNumber id);
    std::vector<ChargeRow> charges(std::int64_t first_day, std::int64_t last_day);

    // Containers.
    std::vector<ContainerCommand> take_commands();
    void container_exited(ContractNumber id, int code);

    // The admin interface.
    Status outbid(ContractNumber id, std::optional<Duration> hold);
    Status go_offline(ContractNumber id, bool container_dies);
    Status go_online(ContractNumber id);
    Status exit_container(ContractNumber id, int code);
    void set_credit(Usd credit);

  private:
    enum class TimerKind {
        kCreated,
        kLoading,
        kStarted,
        kStopped,
        kReport,
        kUnknown,
        kOffline,
        kEnd,
        kExpire,
        kResume,
        kTenantArrives,
        kTenantLeaves,
        kPriceStep,
        kCreditCheck,
        kGhostEnds,
    };
    struct Timer {
        TimerKind kind = TimerKind::kReport;
        std::int64_t subject = 0;
        std::uint64_t phase = 0;
    };

    // market.cpp
    void schedule(Duration in, TimerKind kind, std::int64_t subject, std::uint64_t phase = 0);
    void fire(const Timer& timer);
    void fire_contract(const Timer& timer, Contract& contract);
    void report(Contract& contract);
    void report_later(Contract& contract);
    void report_contract_words(Contract& contract);
    void note(Contract& contract, std::string what);
    Duration draw(const DelayRange& range);
    Contract* find(ContractNumber id);

    // market_boot.cpp
    void begin_boot(Contract& contract);
    void enter_created(Contract& contract);
    void enter_loading(Contract& contract);
    void enter_running(Contract& contract);
    void fail_pull(Contract& contract);
    ContainerSpec spec_of(const Contract& contract) const;
    void command(CommandKind kind, const Contract& contract);
    void kill_container(Contract& contract);

    // market_rent.cpp
    std::optional<Refused> refuse(const CreateRequest& request);
    Contract& add_contract(const CreateRequest& request, const Ask& ask);
    Created finish_create(Contract& contract);
    Refused create_stopped(const CreateRequest& request, const Ask& ask);
    Refused gone(ContractNumber ask_id, bool embedded_410);
    void halt(Contract& contract, const std::string& why, bool keep_intended);
    void resume(Contract& contract);

    // market_gpus.cpp
    struct Slice {
        std::int64_t machine_id = 0;
        std::size_t first = 0;
        std::size_t count = 0;
    };
    static bool overlap(const Slice& a, const Slice& b);
    static Slice slice_of(const Contract& c) { return {c.machine_id, c.first_gpu, c.gpu_count}; }
    bool can_take(const Slice& slice, std::optional<UsdPerHour> bid, ContractNumber asking) const;
    void take(const Slice& slice);
    void resume_waiting(std::int64_t machine_id);
    std::int64_t disk_free_gb(const Machine& machine) const;
    void tenant_arrives(std::int64_t machine_id);
    void tenant_leaves(std::int64_t tenant_id);
    void step_price(std::int64_t machine_id);
    void add_tenant(Tenant tenant, Duration stay);

    // market_billing.cpp
    bool bills_gpu(const Contract& contract) const;
    bool bills_disk(const Contract& contract) const;
    void accrue(Contract& contract);
    void accrue_all();
    static Usd total_of(const Contract& contract);
    void check_credit();

    Scenario scenario_;
    std::uint64_t seed_;
    WallTime now_;
    FaultTable faults_;
    RandomStream delays_;
    RandomStream tenant_draws_;
    RandomStream price_draws_;
    RandomStream key_draws_;
    RandomStream refusal_draws_;

    std::map<std::int64_t, Machine> machines_;
    std::map<std::int64_t, UsdPerHour> base_prices_;
    std::map<ContractNumber, Ask> asks_;
    std::map<ContractNumber, Contract> contracts_;
    std::map<std::int64_t, std::set<ContractNumber>> live_on_machine_;
    std::map<std::string, ContractNumber> keys_;
    std::map<std::int64_t, Tenant> tenants_;
    std::int64_t next_tenant_ = 1;
    ContractNumber next_number_ = 36'500'000;

    std::map<std::pair<WallTime, std::uint64_t>, Timer> timers_;
    std::uint64_t next_timer_ = 0;
    std::vector<ContainerCommand> commands_;
    std::set<ContractNumber> lingering_;

    Usd initial_credit_;
    Usd settled_;  // cost of destroyed contracts
    Usd shown_credit_;
    std::optional<WallTime> credit_shown_at_;
    std::vector<ChargeRow> shown_charges_;
    std::optional<WallTime> charges_shown_at_;
};

}  // namespace herder::vastsim
