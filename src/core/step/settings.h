#pragma once
// The numbers that the core decides with, in one place. Defaults are the product's; tests and the
// simulator may shrink them.
#include "base/bytes.h"
#include "base/time.h"

namespace herder {

struct Settings {
    // Renting (reliability: client timeout 60 s + late effect 120 s + list lag 30 s + margin).
    Duration create_send_window = minutes(2);       // an armed call not sent by then is dropped
    Duration create_interval = milliseconds(4500);  // the provider's minimum between creates
    Duration unknown_after = seconds(90);           // a sent call without an answer
    Duration unknown_wait = minutes(4);             // before an absent intent is abandoned
    int unknown_absent_lists = 3;
    Duration join_deadline = minutes(15);  // of an image that is not known yet
    Duration join_deadline_min = minutes(5);
    Duration join_deadline_max = hours(1);
    Duration boot_offline = minutes(2);   // a host that stays away for so long while it boots
    Duration orphan_grace = seconds(60);  // a younger machine is no orphan
    int close_absent_lists = 2;
    Duration destroy_retry = seconds(30);
    Duration destroy_doubt = minutes(10);  // one that succeeded, and no listing says otherwise
    Duration settle_after = hours(1);      // after closing, for late charges
    Duration avoid_machine = hours(1);
    Duration avoid_liar = hours(24);  // a machine that is not what its offer promised
    Duration avoid_ask = minutes(10);
    Duration blocked_for = minutes(5);  // after the key was refused or the credit ran out
    int outage_after_failures = 3;      // listings failed in a row: rent nothing
    Duration offers_fresh = seconds(60);
    Duration search_retry = seconds(30);
    int refusals_per_attempt = 20;
    // Listing: fast while something depends on it, slow otherwise.
    Duration list_fast = seconds(10);
    Duration list_slow = seconds(60);
    // After a hint: so long after it, since the listing lags behind, and after the last listing.
    Duration list_after_hint = seconds(2);
    Duration charges_every = minutes(10);
    // What hosts announce: price increases and maintenance. The first time soon after a machine is
    // there, and after a hint not sooner than this after the time before.
    Duration notices_every = minutes(10);
    Duration notices_soon = minutes(1);
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
    Duration move_slack = minutes(5);  // beyond the save, before a contract ends
    // Admission of machines.
    bool admission_test = true;
    Bytes admission_probe_max = megabytes(32);
    int image_strikes = 2;  // machines in a row that cannot use an image, before the job fails
    // Recovery backoff of infrastructure causes.
    Duration backoff_first = seconds(5);
    Duration backoff_max = minutes(10);
    // Checkpoints.
    Duration delete_grace = minutes(10);
    // What retention or a person gave up may still be read by somebody so long.
    Duration tombstone_grace = hours(1);
    // What the store does not let go of is asked for less and less often, at least so often.
    Duration delete_retry_max = hours(24);
    // A commit that the store does not take: as long as uploads are kept there; a store that says
    // no is given less while a live attempt could send a newer checkpoint instead.
    Duration commit_patience = days(7);
    Duration commit_denied_patience = hours(1);
    Duration commit_retry_max = minutes(10);
    // Before each attempt the store is asked what it holds of the job.
    bool looks_at_runs = false;

    bool operator==(const Settings&) const = default;
    // For recordings, so that they replay under the numbers of their time.
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.create_send_window);
        v(2, s.create_interval);
        v(3, s.unknown_after);
        v(4, s.unknown_wait);
        v(5, s.unknown_absent_lists);
        v(6, s.join_deadline);
        v(7, s.orphan_grace);
        v(8, s.close_absent_lists);
        v(9, s.destroy_retry);
        v(10, s.settle_after);
        v(11, s.avoid_machine);
        v(12, s.avoid_ask);
        v(13, s.blocked_for);
        v(14, s.outage_after_failures);
        v(15, s.offers_fresh);
        v(16, s.search_retry);
        v(17, s.refusals_per_attempt);
        v(18, s.list_fast);
        v(19, s.list_slow);
        v(20, s.charges_every);
        v(21, s.report_every);
        v(22, s.lease);
        v(23, s.suspect_after);
        v(24, s.silence_long);
        v(25, s.failover_grace);
        v(26, s.list_timeout);
        v(27, s.stop_upload);
        v(28, s.outcome_retry);
        v(29, s.persist_progress);
        v(30, s.backoff_first);
        v(31, s.backoff_max);
        v(32, s.delete_grace);
        v(33, s.destroy_doubt);
        v(34, s.join_deadline_min);
        v(35, s.join_deadline_max);
        v(36, s.boot_offline);
        v(37, s.avoid_liar);
        v(38, s.notices_every);
        v(39, s.move_slack);
        v(40, s.admission_test);
        v(41, s.admission_probe_max);
        v(42, s.image_strikes);
        v(43, s.list_after_hint);
        v(44, s.notices_soon);
        v(45, s.tombstone_grace);
        v(46, s.commit_patience);
        v(47, s.commit_denied_patience);
        v(48, s.commit_retry_max);
        v(49, s.looks_at_runs);
        v(50, s.delete_retry_max);
    }
};

}  // namespace herder
