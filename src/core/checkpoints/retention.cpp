#include "core/checkpoints/retention.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>

namespace herder {

namespace {

using Kept = std::set<CheckpointId>;
using List = std::vector<const Checkpoint*>;

constexpr int kKeptAlways = 2;

void keep_verified(const List& newest, Kept& kept) {
    int count = 0;
    for (const Checkpoint* one : newest) {
        if (!one->verified || !is_trusted(*one)) continue;
        if (count++ == kKeptAlways) return;
        kept.insert(one->id);
    }
}

// The first one of each stretch of steps or time. What goes never was the first of one, so that
// the same are chosen at every run.
void keep_spaced(const List& newest, const CheckpointSpec& rules, Kept& kept) {
    std::int64_t stretch = 0;
    std::optional<Instant> last;
    for (auto it = newest.rbegin(); it != newest.rend(); ++it) {
        const Checkpoint& one = **it;
        if (!is_trusted(one)) continue;
        if (rules.keep_every_steps > 0 && one.step / rules.keep_every_steps > stretch) {
            stretch = one.step / rules.keep_every_steps;
            kept.insert(one.id);
        }
        if (rules.keep_every.us > 0 && (!last || one.committed - *last >= rules.keep_every)) {
            last = one.committed;
            kept.insert(one.id);
        }
    }
}

std::optional<double> metric_of(const Checkpoint& one, const std::string& metric) {
    const auto found = one.metrics.find(metric);
    if (found == one.metrics.end()) return std::nullopt;
    const std::string& text = found->second;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool is_number = error == std::errc() && end == text.data() + text.size();
    if (!is_number || !std::isfinite(value)) return std::nullopt;
    return value;
}

void keep_best(const List& newest, const KeepBest& rule, Kept& kept) {
    if (rule.metric.empty()) return;
    // Of equals the newer: by its place in the list.
    std::vector<std::pair<double, std::size_t>> ranked;
    for (std::size_t i = 0; i < newest.size(); ++i) {
        const auto value = metric_of(*newest[i], rule.metric);
        if (value && is_trusted(*newest[i]))
            ranked.emplace_back(rule.is_larger ? -*value : *value, i);
    }
    std::sort(ranked.begin(), ranked.end());
    const auto count = std::min(ranked.size(), static_cast<std::size_t>(std::max(rule.count, 0)));
    for (std::size_t i = 0; i < count; ++i)
        kept.insert(newest[ranked[i].second]->id);
}

}  // namespace

std::vector<CheckpointId> plan_retention(const List& of_one_job, const CheckpointSpec& rules,
                                         CheckpointId in_use) {
    const List newest = newest_first(of_one_job);
    Kept kept{in_use};
    keep_verified(newest, kept);
    keep_spaced(newest, rules, kept);
    keep_best(newest, rules.keep_best, kept);
    // Only good ones count, so that one that did not verify, once, never pushes a good one out.
    const int last = std::max(rules.keep_last, kKeptAlways);
    int good = 0;
    std::vector<CheckpointId> retired;
    for (const Checkpoint* one : newest) {
        const bool is_kept = good < last || one->pinned || one->kind == CheckpointKind::kFinal ||
                             kept.contains(one->id);
        if (!is_kept) retired.push_back(one->id);
        if (is_trusted(*one)) ++good;
    }
    return retired;
}

namespace {

// Which of these may go if nothing is kept but what always is; final and pinned ones are no more
// than the others. As if what is `revivable` were there.
std::vector<CheckpointId> plan_least(const List& list, bool (*revivable)(const Checkpoint&)) {
    CheckpointSpec least;
    least.keep_last = kKeptAlways;
    std::vector<Checkpoint> copies;
    for (const Checkpoint* one : list) {
        copies.push_back(*one);
        copies.back().kind = CheckpointKind::kPeriodic;
        copies.back().pinned = false;
        if (revivable(*one)) copies.back().state = CheckpointState::kCommitted;
    }
    List others;
    for (const Checkpoint& copy : copies)
        others.push_back(&copy);
    return plan_retention(others, least, {});
}

bool contains(const std::vector<CheckpointId>& ids, CheckpointId id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
}

bool is_revivable(const Checkpoint& one) {
    return one.state == CheckpointState::kDeleting && !one.quarantined &&
           !one.manifest_sha256.empty();
}

}  // namespace

std::vector<CheckpointId> plan_revival(const List& of_one_job) {
    const std::vector<CheckpointId> may_go = plan_least(of_one_job, is_revivable);
    std::vector<CheckpointId> wanted;
    for (const Checkpoint* one : of_one_job) {
        if (is_revivable(*one) && !contains(may_go, one->id)) wanted.push_back(one->id);
    }
    return wanted;
}

std::string find_removal_fault(const List& of_one_job, const Checkpoint& one, CheckpointId in_use) {
    if (one.state != CheckpointState::kCommitted)
        return std::string("it is ") + to_string(one.state);
    if (one.id == in_use) return "the running attempt went on from it";
    if (one.pinned) return "it is pinned; unpin it first";
    if (one.quarantined) return {};
    // Final ones may go when a person says so.
    const auto as_it_is = [](const Checkpoint&) { return false; };
    if (contains(plan_least(of_one_job, as_it_is), one.id)) return {};
    return "it is one of the last two, or of the last two that were seen to verify";
}

}  // namespace herder
