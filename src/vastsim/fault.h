#pragma once
// The faults that can be switched on, and the draws that decide when they strike. It does not know
// what a fault does; the market and its API ask at the place where it would happen.
#include <array>
#include <map>
#include <string>
#include <string_view>

#include "base/random.h"
#include "vastsim/scenario.h"

namespace herder::vastsim {

struct FaultName {
    std::string_view name;
    std::string_view meaning;
};

inline constexpr std::array kFaultNames = {
    FaultName{"create_reply_lost", "create executed, connection closed without a reply"},
    FaultName{"create_502_executed", "create executed, reply is a 502 HTML page"},
    FaultName{"create_truncated", "create executed, reply is cut inside the JSON"},
    FaultName{"create_empty_body", "create executed, reply is 200 with an empty body"},
    FaultName{"create_500", "create not executed, reply is 500"},
    FaultName{"create_gone_400", "offer gone, no_such_ask wrapped in HTTP 400"},
    FaultName{"create_gone_404", "offer gone, HTTP 404"},
    FaultName{"create_gone_410", "offer gone, HTTP 410"},
    FaultName{"create_stopped_contract", "success:false with new_contract: a stopped machine"},
    FaultName{"create_phantom", "success:true but the machine never appears"},
    FaultName{"create_no_credit", "insufficient_credit"},
    FaultName{"boot_never", "stays in loading for ever"},
    FaultName{"boot_pull_failed", "image pull fails, told only by status_msg"},
    FaultName{"list_lag", "a new machine is missing from show and list (amount: seconds)"},
    FaultName{"list_missing_row", "one row is missing from one list page"},
    FaultName{"list_failed_page", "a list page answers 502"},
    FaultName{"list_stale", "show or list repeats the state before the last change"},
    FaultName{"show_404", "show of a live machine answers 404 once"},
    FaultName{"rate_limited", "429 although the interval was kept"},
    FaultName{"destroy_lingers", "destroy says ok, still listed (amount: polls)"},
    FaultName{"destroy_502_executed", "destroy executed, reply is a 502 HTML page"},
    FaultName{"ghost", "destroy removes the record, the container runs on (amount: seconds)"},
};

bool is_fault_name(std::string_view name);

class FaultTable {
  public:
    FaultTable(std::uint64_t seed, std::map<std::string, FaultSetting> settings);

    // Uses up one forced call first, then draws. Each fault has its own random stream.
    bool strikes(std::string_view name);
    std::int64_t amount_of(std::string_view name, std::int64_t otherwise) const;
    // Refuses unknown names and lists the known ones.
    Status set(const std::string& name, FaultSetting setting);
    void clear() { settings_.clear(); }
    const std::map<std::string, FaultSetting>& settings() const { return settings_; }

  private:
    std::uint64_t seed_;
    std::map<std::string, FaultSetting> settings_;
    std::map<std::string, RandomStream, std::less<>> streams_;
};

}  // namespace herder::vastsim
