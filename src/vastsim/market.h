#pragma once
// The world of the market: pure and deterministic. Time comes in through advance(), container
// commands and notices go out through take_commands() and take_notices(); no socket, no process, no
// clock. The files market_*.cpp implement it, each a part as marked below.
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

enum class CommandKind { kStart, kTerminate, kKill, kRemove, kRecycle };
struct ContainerCommand {
    CommandKind kind = CommandKind::kKill;
    ContainerSpec spec;  // only the id matters for all but kStart
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
    ContractNumber volume_ask = 0;
    WallTime now;
    double score_noise = 1;  // the server's ranking contains a random component (vast-api Q22)
    bool with_nulls = false;
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
    bool is_volume = false;
    std::int64_t template_id = 0;
};

struct VolumeOffer {
    ContractNumber id = 0;
    const Machine* machine = nullptr;
    std::int64_t free_gb = 0;
};

// Which create faults the API drew for one call.
struct CreateFaults {
    bool stopped_contract = false;
    bool phantom = false;
};

// External ports count up from here in the order of the request's flags.
std::int64_t first_port(const Scenario& scenario, const Contract& contract);
std::string address_of(const Machine& machine, const Contract& contract);
// An image is only a name; its size follows from it.
std::int64_t image_gb(const std::string& image);
// Exact cost of one day's product, rounded half up to the micro-dollar.
Usd usd_of_product(std::int64_t rate_times_us);
Usd total_of(const std::map<std::int64_t, DayCharges>& days);

class Market {
  public:
    Market(Scenario scenario, std::uint64_t seed, WallTime start);

    // Runs everything that is due until `now`; never backwards.
    void advance(WallTime now);
    WallTime now() const { return now_; }
    // When something is due next, so that a simulation can step from event to event.
    std::optional<WallTime> next_event() const;
    const Scenario& scenario() const { return scenario_; }
    FaultTable& faults() { return faults_; }

    // Search.
    std::vector<Offer> offers(bool bid, std::int64_t allocated_milli_gb) const;
    std::vector<VolumeOffer> volume_offers() const;
    UsdPerHour min_bid(const Machine& machine, std::size_t first, std::size_t count) const;
    static UsdPerHour storage_rate(const Machine& machine, std::int64_t milli_gb);
    const std::map<std::int64_t, Machine>& machines() const { return machines_; }

    // Renting. The caller has checked the key and the form of the request.
    CreateOutcome create(const CreateRequest& request, CreateFaults create_faults = {});
    void stop(ContractNumber id);
    StartOutcome start(ContractNumber id);
    void change_bid(ContractNumber id, std::optional<UsdPerHour> bid);
    void set_label(ContractNumber id, const std::string& label);
    void destroy(ContractNumber id);
    bool reboot(ContractNumber id);   // false: it does not run
    bool recycle(ContractNumber id);  // also after update()
    void update(ContractNumber id, const CreateRequest& request);
    Contract* edit(ContractNumber id) { return find(id); }
    // Months and discount of a deposit, or why not (vast-api 2.11).
    Status prepay(ContractNumber id, Usd amount);

    // Every contract there ever was; a listed contract is visible and not destroyed.
    const std::map<ContractNumber, Contract>& contracts() const { return contracts_; }
    const Contract* find_listed(ContractNumber id) const;
    // In order of id. Counts down the polls of destroyed machines that linger.
    std::vector<const Contract*> listed_now();
    const Machine& machine_of(const Contract& contract) const;
    ContractNumber number_of_key(const std::string& api_key) const;

    // Volumes.
    Result<ContractNumber> create_volume(ContractNumber ask, std::int64_t size_gb,
                                         const std::string& name);
    Status delete_volume(ContractNumber id);
    const std::map<ContractNumber, Volume>& volumes() const { return volumes_; }
    std::vector<ContractNumber> users_of(const Volume& volume) const;

    // Money.
    Usd credit();  // as old as credit_refresh
    Usd spent();   // exact, now; without what deposits still hold
    Usd cost_of(ContractNumber id);
    std::vector<ChargeRow> charges(std::int64_t first_day, std::int64_t last_day);
    const std::vector<Invoice>& invoices() const { return invoices_; }
    Usd deposit_left(ContractNumber id);
    void add_traffic(ContractNumber id, std::int64_t down_mb, std::int64_t up_mb);
    std::vector<const Contract*> pending_increases() const;
    Result<ContractNumber> answer_increase(std::int64_t increase_id, bool accept);

    // Containers and notices.
    std::vector<ContainerCommand> take_commands();
    void container_exited(ContractNumber id, int code);
    std::vector<Notice> take_notices();

    // The admin interface and the events of scenarios.
    Status outbid(ContractNumber id, std::optional<Duration> hold);
    Status go_offline(ContractNumber id, bool container_dies);
    Status go_online(ContractNumber id);
    Status exit_container(ContractNumber id, int code);
    Status raise_price(ContractNumber id, std::int64_t factor_milli);
    Status announce_maintenance(ContractNumber id, Duration notice, Duration lasts);
    Status end_rental(ContractNumber id, Duration in);
    void set_credit(Usd credit);
    void happen(const ScenarioEvent& event);

  private:
    enum class TimerKind {
        kCreated,
        kLoading,
        kPullStep,
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
        kGraceEnds,
        kHostLost,
        kHostBack,
        kMaintenanceBegins,
        kMaintenanceEnds,
        kTopUp,
        kEventBegins,
        kEventEnds,
        kRelist,
    };
    struct Timer {
        TimerKind kind = TimerKind::kReport;
        std::int64_t subject = 0;
        std::uint64_t phase = 0;
    };

    // market.cpp
    void add_machine(Machine machine);
    void schedule(Duration in, TimerKind kind, std::int64_t subject, std::uint64_t phase = 0);
    void fire(const Timer& timer);
    void fire_world(const Timer& timer);
    void fire_contract(const Timer& timer, Contract& contract);
    Duration draw(const DelayRange& range);
    Contract* find(ContractNumber id);
    Contract* find_live(ContractNumber id);

    // market_report.cpp
    std::string actual_word(const Contract& contract) const;
    void report(Contract& contract);
    void report_later(Contract& contract);
    void report_contract_words(Contract& contract);
    void note(Contract& contract, std::string what);
    void notify(std::string slug, std::string subject, const Contract& contract);

    // market_boot.cpp
    void begin_boot(Contract& contract);
    void draw_boot_faults(Contract& contract);
    void enter_created(Contract& contract);
    void enter_loading(Contract& contract);
    void step_pull(Contract& contract);
    void enter_running(Contract& contract);
    void fail_boot(Contract& contract);
    Duration pull_time(Contract& contract);
    ContainerSpec spec_of(const Contract& contract) const;
    std::vector<GpuCard> cards_of(const Contract& contract) const;
    void command(CommandKind kind, const Contract& contract);
    void kill_container(Contract& contract);
    void end_container(Contract& contract, Duration grace);

    // market_create.cpp
    std::optional<Refused> refuse(const CreateRequest& request);
    std::optional<Refused> refuse_money(const CreateRequest& request);
    Contract& add_contract(const CreateRequest& request, const Ask& ask);
    Created finish_create(Contract& contract);
    Refused create_stopped(const CreateRequest& request, const Ask& ask);
    Refused gone(ContractNumber ask_id, bool embedded_410);
    void attach_volume(Contract& contract);

    // market_rent.cpp
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
    bool holds(const Slice& slice) const;  // one of our contracts does
    void take(const Slice& slice);
    void resume_waiting(std::int64_t machine_id);
    std::int64_t disk_free_gb(const Machine& machine) const;

    // market_tenants.cpp
    void tenant_arrives(std::int64_t machine_id);
    bool tenant_may_have(const Tenant& tenant) const;
    void tenant_leaves(std::int64_t tenant_id);
    void step_price(std::int64_t machine_id);
    void add_tenant(Tenant tenant, Duration stay);
    bool keeps_intended_when_outbid();

    // market_hosts.cpp
    void lose_machine(std::int64_t machine_id, bool container_dies);
    void machine_returns(std::int64_t machine_id);
    void host_lost(std::int64_t machine_id);
    void plan_host_loss(std::int64_t machine_id);
    void end_of_rental(Contract& contract);
    void begin_maintenance(std::int64_t machine_id);

    // market_events.cpp
    void end_event(const ScenarioEvent& event);
    std::vector<std::int64_t> struck_machines(const ScenarioEvent& event);
    std::vector<ContractNumber> struck_contracts(const ScenarioEvent& event);
    void strike_machines(const ScenarioEvent& event);
    void strike_contracts(const ScenarioEvent& event);
    void strike_contract(const ScenarioEvent& event, Contract& contract);

    // market_billing.cpp
    bool bills_gpu(const Contract& contract) const;
    bool bills_disk(const Contract& contract) const;
    void accrue(Contract& contract);
    void accrue(Volume& volume);
    void accrue_all();

    // market_credit.cpp
    void check_credit();
    Usd available();
    Usd deposits_held();
    Usd debt_limit() const;
    void run_out();
    void destroy_everything();
    void top_up(Usd amount);
    void refund_deposit(Contract& contract);

    Scenario scenario_;
    std::uint64_t seed_;
    WallTime start_;
    WallTime now_;
    FaultTable faults_;
    RandomStream delays_;
    RandomStream tenant_draws_;
    RandomStream price_draws_;
    RandomStream key_draws_;
    RandomStream refusal_draws_;
    RandomStream host_draws_;
    RandomStream event_draws_;

    std::map<std::int64_t, Machine> machines_;
    std::map<std::int64_t, UsdPerHour> base_prices_;
    std::map<ContractNumber, Ask> asks_;
    std::map<ContractNumber, std::int64_t> volume_asks_;  // ask -> machine
    std::map<std::int64_t, ContractNumber> volume_ask_of_;
    std::map<ContractNumber, Contract> contracts_;
    std::map<ContractNumber, Volume> volumes_;
    std::map<std::int64_t, std::set<ContractNumber>> live_on_machine_;
    std::map<std::string, ContractNumber> keys_;
    std::map<std::int64_t, std::map<std::int64_t, Tenant>> tenants_;  // machine -> id -> tenant
    std::map<std::int64_t, std::int64_t> machine_of_tenant_;
    std::int64_t next_tenant_ = 1;
    std::int64_t next_increase_ = 7001;
    ContractNumber next_number_ = 36'500'000;

    std::map<std::pair<WallTime, std::uint64_t>, Timer> timers_;
    std::uint64_t next_timer_ = 0;
    std::vector<ContainerCommand> commands_;
    std::vector<Notice> notices_;
    std::set<ContractNumber> lingering_;

    Usd initial_credit_;
    Usd settled_;  // cost of destroyed contracts and volumes, fees
    Usd shown_credit_;
    std::optional<WallTime> credit_shown_at_;
    std::vector<ChargeRow> shown_charges_;
    std::optional<WallTime> charges_shown_at_;
    std::vector<Invoice> invoices_;
    bool out_of_credit_ = false;
    bool top_up_planned_ = false;
    bool told_low_credit_ = false;
};

}  // namespace herder::vastsim
