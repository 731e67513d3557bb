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
    FaultName{"create_slow", "create executed, reply comes late (amount: market seconds)"},
    FaultName{"create_500", "create not executed, reply is 500"},
    FaultName{"create_502", "create not executed, reply is a 502 HTML page"},
    FaultName{"create_gone_400", "offer gone, no_such_ask wrapped in HTTP 400"},
    FaultName{"create_gone_404", "offer gone, HTTP 404"},
    FaultName{"create_gone_409", "offer gone, HTTP 409"},
    FaultName{"create_gone_410", "offer gone, HTTP 410"},
    FaultName{"create_stopped_contract", "success:false with new_contract: a stopped machine"},
    FaultName{"create_phantom", "success:true but the machine never appears"},
    FaultName{"create_no_credit", "insufficient_credit"},
    FaultName{"create_spend_cap", "refused by the caps of a new account"},
    FaultName{"boot_never", "stays in loading for ever"},
    FaultName{"boot_pull_failed", "the CDI failure, told only by status_msg"},
    FaultName{"boot_manifest_unknown", "no such image tag, told only by status_msg"},
    FaultName{"boot_pull_denied", "private image without login, told only by status_msg"},
    FaultName{"boot_no_space", "the host's disk is full, told only by status_msg"},
    FaultName{"boot_unexpected_eof", "the pull breaks off, told only by status_msg"},
    FaultName{"boot_oci", "the container cannot be created, told only by status_msg"},
    FaultName{"boot_dead_endpoint", "reads running, but no container runs"},
    FaultName{"boot_frozen_words", "status_msg stands still although the pull goes on"},
    FaultName{"boot_wrong_gpu", "the container sees smaller GPUs than the offer says"},
    FaultName{"boot_disk_short", "disk_space is half of what was asked"},
    FaultName{"search_unfiltered", "a row is shown although a filter excludes it"},
    FaultName{"search_gone", "a row that somebody holds is shown as rentable"},
    FaultName{"search_end_text", "end_date of a row is a text"},
    FaultName{"list_lag", "a new machine is missing from show and list (amount: seconds)"},
    FaultName{"list_missing_row", "one row is missing from one list page"},
    FaultName{"list_failed_page", "a list page answers 502"},
    FaultName{"list_stale", "show or list repeats the state before the last change"},
    FaultName{"list_null", "instances of a list page is null instead of an array"},
    FaultName{"list_label_null", "the label of a row is null"},
    FaultName{"list_token_expired", "a next_token is refused as invalid"},
    FaultName{"show_404", "show of a live machine answers 404 once"},
    FaultName{"start_refused", "a start is refused softly although the GPUs are free"},
    FaultName{"search_slow", "reply to a search comes late (amount: market seconds)"},
    FaultName{"rate_limited", "429 although the interval was kept"},
    FaultName{"destroy_lingers", "destroy says ok, still listed (amount: polls)"},
    FaultName{"destroy_502_executed", "destroy executed, reply is a 502 HTML page"},
    FaultName{"destroy_200_false", "destroy of a gone machine answers 200 with success:false"},
    FaultName{"ghost", "destroy removes the record, the container runs on (amount: seconds)"},
    FaultName{"key_deleted", "any call answers 401 as for a deleted key"},
    FaultName{"tfa_missing", "any call answers 401 and asks for two factors"},
    FaultName{"tfa_expired", "any call answers 404: session expired"},
    FaultName{"reply_lost", "any call executed, connection closed without a reply"},
    FaultName{"reply_cut", "any call executed, reply is cut"},
    FaultName{"reply_html", "any call executed, reply is a 502 HTML page"},
    FaultName{"reply_wrong_type", "any reply says text/html although it is JSON"},
    FaultName{"reply_slow", "any reply is late (amount: market seconds)"},
    FaultName{"webhook_lost", "a notice is never delivered"},
    FaultName{"webhook_twice", "a notice is delivered twice"},
    FaultName{"webhook_forged", "the signature of a delivery is wrong"},
    FaultName{"webhook_late", "a notice comes late, after younger ones (amount: seconds)"},
};

bool is_fault_name(std::string_view name);

class FaultTable {
  public:
    FaultTable(std::uint64_t seed, std::map<std::string, FaultSetting> settings);

    // Lets skipped calls pass, uses up forced calls, then draws. Each fault has its own random
    // stream. `machine` matters for faults that are set for one machine only.
    bool strikes(std::string_view name, std::int64_t machine = 0);
    std::int64_t amount_of(std::string_view name, std::int64_t otherwise) const;
    // Refuses unknown names and lists the known ones.
    Status set(const std::string& name, FaultSetting setting);
    void remove(const std::string& name) { settings_.erase(name); }
    void clear() {
        settings_.clear();
        ++times_cleared_;
    }
    std::uint64_t times_cleared() const { return times_cleared_; }
    const std::map<std::string, FaultSetting>& settings() const { return settings_; }

  private:
    std::uint64_t seed_;
    std::uint64_t times_cleared_ = 0;
    std::map<std::string, FaultSetting> settings_;
    std::map<std::string, RandomStream, std::less<>> streams_;
};

}  // namespace herder::vastsim
