#pragma once
// The numbers that the core decides with, in one place. Defaults are the product's; tests and the
// simulator may shrink them.
#include "base/time.h"

namespace herder {

struct Settings {
    // Renting (reliability: client timeout 60 s + late effect 120 s + list lag 30 s + margin).
    Duration create_send_window = minutes(2);       // an armed call not sent by then is dropped
    Duration create_interval = milliseconds(4500);  // the provider's minimum between creates
    Duration unknown_after = seconds(90);           // a sent call without an answer
    Duration unknown_wait = minutes(4);             // before an absent intent is abandoned
    int unknown_absent_lists = 3;
    Duration join_deadline = minutes(15);
    Duration orphan_grace = seconds(60);  // a younger machine is no orphan
    int close_absent_lists = 2;
    Duration destroy_retry = seconds(30);
    Duration destroy_doubt = minutes(10);  // one that succeeded, and no listing says otherwise
    Duration settle_after = hours(1);      // after closing, for late charges
    Duration avoid_machine = hours(1);
    Duration avoid_ask = minutes(10);
    Duration blocked_for = minutes(5);  // after the key was refused or the credit ran out
    int outage_after_failures = 3;      // listings failed in a row: rent nothing
    Duration offers_fresh = seconds(60);
    Duration search_retry = seconds(30);
    int refusals_per_attempt = 20;
    // Listing: fast while something depends on it, slow otherwise.
    Duration list_fast = seconds(10);
    Duration list_slow = seconds(60);
    Duration charges_every = minutes(10);
    // Monitoring.
    Duration report_every = seconds(10);
    Duration lease = seconds(60);
    Duration suspect_after = seconds(30);
    Duration silence_long = minutes(3);
    Duration failover_grace = minutes(2);
    Duration list_timeout = minutes(2);
    Duration stop_upload = minutes(2);  // beyond the job's grace, for the last checkpoint
    Duration outcome_retry = seconds(60);
    Duration persist_progress = seconds(60);
    // Recovery backoff of infrastructure causes.
    Duration backoff_first = seconds(5);
    Duration backoff_max = minutes(10);
    // Checkpoints.
    Duration delete_grace = minutes(10);
};

}  // namespace herder
