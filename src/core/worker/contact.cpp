#include "core/worker/contact.h"

#include <algorithm>

#include "base/random.h"

namespace herder {
namespace {

// A report that was neither answered nor failed by then is taken as lost (the shell's own timeout
// is shorter; this one covers a shell that lost track).
constexpr Duration kSilentSync = seconds(60);
constexpr Duration kFirstRetry = seconds(1);
// However much there is to tell, not more often than this.
constexpr Duration kReportGap = milliseconds(50);

}  // namespace

void Contact::start(Instant now, std::uint64_t jitter_seed) {
    jitter_seed_ = jitter_seed;
    last_contact_ = now;
    report_due_ = now;
    last_sent_ = now - kReportGap;
}

void Contact::sent(Instant now, std::uint64_t sequence) {
    newest_sent_ = sequence;
    last_sent_ = now;
    report_due_ = now + report_every_ + kSilentSync;
}

bool Contact::answered(Instant now, std::uint64_t sequence, Instant sent_at,
                       const AgentOrders& orders) {
    leased_ = true;
    lease_until_ = std::max(lease_until_, sent_at + orders.lease);
    last_contact_ = std::max(last_contact_, sent_at);
    failures_ = 0;
    if (sequence <= newest_answered_) return false;
    newest_answered_ = sequence;
    detached_for_ = orders.detached_for;
    dead_man_after_ = orders.dead_man_after;
    report_every_ = std::max(orders.report_every, milliseconds(100));
    if (sequence == newest_sent_) report_due_ = std::max(now, last_sent_ + report_every_);
    return true;
}

void Contact::failed(Instant now, std::uint64_t sequence) {
    if (sequence != newest_sent_) return;
    const int doublings = std::min(failures_, 6);
    ++failures_;
    const Duration base =
        std::min(kFirstRetry * (1LL << doublings), std::max(report_every_, kFirstRetry));
    const std::uint64_t draw = mix64(jitter_seed_ ^ mix64(sequence));
    const auto spread = static_cast<std::int64_t>(draw % static_cast<std::uint64_t>(base.us));
    report_due_ = now + base / 2 + microseconds(spread / 2);
}

void Contact::hurry(Instant now) {
    // While nobody answers, news does not shorten the backoff.
    if (failures_ > 0) return;
    report_due_ = std::min(report_due_, std::max(now, last_sent_ + kReportGap));
}

Instant Contact::compute_until() const {
    return leased_ ? lease_until_ + detached_for_ : kNever;
}

}  // namespace herder
