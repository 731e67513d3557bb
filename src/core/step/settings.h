#pragma once
// The numbers that the core decides with, in one place. Defaults are the product's; tests and the
// simulator may shrink them.
#include "base/time.h"

namespace herder {

struct Settings {
    // Renting (reliability: client timeout 60 s + late effect 120 s + list lag 30 s + margin).
    Duration create_send_window = minutes(2);  // an armed call not sent by then is dropped
    Duration unknown_after = seconds(90);      // a sent call without an answer
    Duration unknown_wait = minutes(4);        // before an absent intent is abandoned
    int unknown_absent_lists = 3;
    Duration label_watch = days(30);
    Duration join_deadline = minutes(15);
    Duration orphan_grace = seconds(60);  // a younger machine is no orphan
    int close_absent_lists = 2;
    Duration destroy_retry = seconds(30);
    Duration settle_after = hours(1);  // after closing, for late charges
    Duration avoid_machine = hours(1);
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
    // Recovery backoff of infrastructure causes.
    Duration backoff_first = seconds(5);
    Duration backoff_max = minutes(10);
    int infra_losses_max_per_hour = 20;
    // Checkpoints.
    Duration upload_timeout = hours(6);
    Duration delete_grace = minutes(10);
};

}  // namespace herder
