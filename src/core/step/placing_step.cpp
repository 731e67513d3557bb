// From a waiting job to a planned intent, and from there to the one create call.
#include <algorithm>

#include "base/bytes.h"
#include "base/digest.h"
#include "core/step/steps.h"

namespace herder {

namespace {

// How many waiting jobs one pass looks at; the rest waits for the next pass.
constexpr int kJobsPerPass = 200;
// The last checkpoint of the attempt before is worth waiting for: a store takes minutes to put
// thousands of parts together. Shorter where it gave no usable answer and is asked again.
constexpr Duration kCommitPatience = minutes(15);
constexpr Duration kRetryPatience = minutes(3);
// A plan that could not be armed for so long is made anew from fresh offers.
constexpr Duration kPlanAge = minutes(2);
// No more plans than the provider's minimum interval lets out within this time: whoever is further
// back keeps its place in the queue, and nobody waits on a plan that grows old.
constexpr Duration kPlansAhead = minutes(1);
// Orders that are out and have not left yet: one on its way to the wire and one behind it.
constexpr int kArmedMax = 2;

std::string why_not_renting(const Work& work) {
    const RentingHold& hold = work.state.meta.hold;
    if (!hold.actor.empty()) {
        return "renting to be allowed again: " + hold.actor +
               " ended all machines (herder panic --lift)";
    }
    const ProviderView& provider = work.state.provider;
    if (!provider.has_complete) return "a complete listing of the provider's machines";
    if (provider.failures_in_a_row >= work.settings.outage_after_failures) {
        return "the provider's API to answer again";
    }
    if (work.now < provider.blocked_until) return "the account: " + provider.blocked_why;
    return {};
}

bool is_without_reason(const Job& job) {
    const auto* queued = std::get_if<phase::Queued>(&job.phase);
    const auto* recovering = std::get_if<phase::Recovering>(&job.phase);
    return (queued != nullptr && queued->waiting_for.empty()) ||
           (recovering != nullptr && recovering->waiting_for.empty());
}

// How many more rentals may be planned now.
std::int64_t room_for_plans(const Work& work) {
    const State& state = work.state;
    const auto planned =
        std::count_if(state.open_intents.begin(), state.open_intents.end(), [&](IntentId id) {
            return std::holds_alternative<rent::Planned>(state.intents.at(id).phase);
        });
    const Duration interval = std::max(work.settings.create_interval, milliseconds(1));
    return std::max<std::int64_t>(2, kPlansAhead.us / interval.us) - planned;
}

// Nor is a machine worth its boot whose host is known to take it down soon.
void avoid_maintenance(const Work& work, Avoidance& avoid) {
    constexpr Duration kSoon = hours(1);
    for (const auto& [machine, windows] : work.state.provider.maintenances) {
        for (const MaintenanceWindow& window : windows) {
            if (work.now + kSoon < window.begins || window.ends <= work.now) continue;
            Instant& until = avoid.machines[machine];
            until = std::max(until, window.ends);
        }
    }
}

Avoidance gather_avoidance(Work& work) {
    Avoidance avoid;
    avoid.machines = work.state.meta.avoided_machines;
    avoid_maintenance(work, avoid);
    std::erase_if(work.state.avoided_asks, [&](const auto& ask) { return ask.second <= work.now; });
    for (const auto& [ask, until] : work.state.avoided_asks)
        avoid.asks.insert(ask);
    for (const IntentId id : work.state.open_intents) {
        avoid.asks.insert(work.state.intents.at(id).offer.ask);
    }
    return avoid;
}

// Asks for what is missing; true if every shelf that the job needs is fresh.
bool has_fresh_offers(Work& work, const JobSpec& spec) {
    bool fresh = true;
    for (const ResourceRequest& request : spec.any_of) {
        OfferShelf& shelf = work.state.offers[{request.gpu_name, request.gpu_count}];
        const Instant stale = shelf.found + work.settings.offers_fresh;
        if (shelf.found > Instant{} && work.now < stale) continue;
        fresh = false;
        const Instant retry = shelf.asked + work.settings.search_retry;
        if (shelf.asking && work.now < retry) {
            work.wake(retry);
            continue;
        }
        shelf.asking = true;
        shelf.asked = work.now;
        work.wake(work.now + work.settings.search_retry);
        work.release(effect::SearchOffers{.gpu_name = request.gpu_name,
                                          .gpu_count = request.gpu_count,
                                          .disk = request.disk,
                                          .interruptible = true,
                                          .on_demand = true});
    }
    return fresh;
}

// The offers were seen a moment ago and are asked for anew: what the job waited for still holds,
// and is not replaced by "offers" once a minute.
bool is_refreshing_offers(const Work& work, const JobSpec& spec) {
    const Duration recent = work.settings.offers_fresh + work.settings.search_retry * 2;
    return std::ranges::all_of(spec.any_of, [&](const ResourceRequest& request) {
        const Instant found = work.state.offers.at({request.gpu_name, request.gpu_count}).found;
        return found > Instant{} && work.now < found + recent;
    });
}

std::vector<Offer> offers_for(const Work& work, const JobSpec& spec) {
    std::set<std::pair<std::string, int>> seen;
    std::vector<Offer> offers;
    for (const ResourceRequest& request : spec.any_of) {
        const std::pair<std::string, int> key{request.gpu_name, request.gpu_count};
        if (!seen.insert(key).second) continue;
        const auto& shelf = work.state.offers.at(key).offers;
        offers.insert(offers.end(), shelf.begin(), shelf.end());
    }
    return offers;
}

std::string describe_rejections(const Ranking& ranking) {
    if (ranking.offers_seen == 0) return "offers: the market has none of this kind now";
    const auto worst =
        std::max_element(ranking.rejected.begin(), ranking.rejected.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    std::string text = "a fitting offer";
    if (worst != ranking.rejected.end())
        text += std::string(" (most are ") + to_string(worst->first) + ")";
    return text;
}

// Nothing fits now: looks again when an offer grows stale, when a machine or an ask that let us
// down may be asked again, and when the windows of budgets begin anew, which is at midnight.
void wake_for_another_choice(Work& work, const JobSpec& spec, const Avoidance& avoid) {
    for (const ResourceRequest& request : spec.any_of) {
        const Instant found = work.state.offers.at({request.gpu_name, request.gpu_count}).found;
        work.wake(found + work.settings.offers_fresh);
    }
    for (const auto& [machine, until] : avoid.machines) {
        if (until > work.now) work.wake(until);
    }
    for (const auto& [ask, until] : work.state.avoided_asks)
        work.wake(until);
    const WallTime midnight{(work.wall.day() + 1) * days(1).us};
    work.wake(work.now + (midnight - work.wall));
}

struct Choice {
    std::optional<Candidate> candidate;
    Usd reserve;
    std::string waiting_for;
};

Choice choose(Work& work, const Job& job, const Avoidance& avoid) {
    Choice choice;
    const Duration ran = ran_so_far(work.state, job, work.now);
    const Duration limit = job.spec.limits.max_duration;
    const Duration left = limit > Duration{} ? limit - ran : hours(1);
    const Ranking ranking = rank_offers(offers_for(work, job.spec), job.spec, avoid, left, work.now,
                                        SimpleExpectedPrice{});
    choice.waiting_for = describe_rejections(ranking);
    const Usd spent = cost_of_job(work.state, job.id, work.now);
    const std::vector<BudgetInForce> budgets =
        budgets_in_force(work, work.state.tally.budgets_of_job(work.state, job.id));
    Usd wanted;
    for (const Candidate& candidate : ranking.candidates) {
        wanted = worst_case(candidate.price, job.spec, ran, spent);
        if (!is_within_budgets(budgets, wanted, candidate.price)) continue;
        choice.candidate = candidate;
        choice.reserve = wanted;
        return choice;
    }
    if (!ranking.candidates.empty()) {
        const UsdPerHour price = ranking.candidates.back().price;
        choice.waiting_for =
            "the budget: " + budget_objection(budgets, wanted, price).value_or("none objects");
    }
    wake_for_another_choice(work, job.spec, avoid);
    return choice;
}

IntentId plan_intent(Work& work, AttemptKey key, const Choice& choice, Avoidance& avoid) {
    const Candidate& candidate = *choice.candidate;
    Intent intent;
    intent.id = IntentId{work.edit_meta().next_intent++};
    intent.attempt = key;
    intent.label = make_label(work.cluster, intent.id);
    intent.offer = candidate.offer;
    intent.bid = candidate.bid;
    intent.price_cap = candidate.request.price_max;
    intent.disk = candidate.request.disk;
    intent.gpu_rate = candidate.bid.micros > 0 ? candidate.bid : candidate.offer.gpu_price;
    intent.disk_rate = candidate.offer.disk_price(candidate.request.disk);
    intent.reserved = choice.reserve;
    intent.phase = rent::Planned{};
    intent.planned = work.now;
    intent.planned_wall = work.wall;
    avoid.asks.insert(intent.offer.ask);
    work.note("rent.planned", key.job, to_text(intent.id),
              {{"ask", std::to_string(intent.offer.ask)},
               {"gpu", intent.offer.gpu_name},
               {"price", to_decimal(candidate.price)},
               {"kind", intent.bid.micros > 0 ? "spot" : "on-demand"},
               {"why", candidate.why}});
    return work.add_intent(std::move(intent)).id;
}

// False (and the job is ended) when nothing is left of its limits.
bool is_within_limits(Work& work, Job& job) {
    const Duration limit = job.spec.limits.max_duration;
    const Usd cap = job.spec.limits.max_cost;
    EndReason reason = EndReason::kBudget;
    if (limit > Duration{} && ran_so_far(work.state, job, work.now) >= limit) {
        reason = EndReason::kMaxDuration;
    } else if (cap <= Usd{} || cost_of_job(work.state, job.id, work.now) < cap) {
        return true;
    }
    work.set_phase(job, phase::Failed{work.now, reason, explain(reason)});
    work.note("job.failed", job.id, to_text(job.id), {{"reason", to_string(reason)}});
    return false;
}

void start_attempt(Work& work, Job& job, const Choice& choice, Avoidance& avoid) {
    job.fence = next_fence(work, job);
    Attempt attempt;
    attempt.job = job.id;
    attempt.fence = job.fence;
    attempt.number = static_cast<int>(job.fence.value);
    attempt.phase = attempt_phase::Placing{work.now, 0};
    attempt.created = work.now;
    attempt.created_wall = work.wall;
    const IntentId intent = plan_intent(work, attempt.key(), choice, avoid);
    attempt.members.push_back({.rank = 0, .intent = intent});
    work.add_attempt(std::move(attempt));
    work.set_phase(job, phase::Placing{job.fence});
}

// Whatever brought the job back into the queue: its last attempt may have ended a moment ago.
bool waits_for_commit(Work& work, const Job& job) {
    if (job.fence == Fence{}) return false;
    const PendingCommit pending = pending_commit(work.state, job.id);
    if (pending == PendingCommit::kNone) return false;
    const auto* queued = std::get_if<phase::Queued>(&job.phase);
    const Instant since =
        queued != nullptr ? queued->since : std::get<phase::Recovering>(job.phase).since;
    const bool is_asked = pending == PendingCommit::kUnderWay;
    const Instant until = since + (is_asked ? kCommitPatience : kRetryPatience);
    if (work.now >= until) return false;
    work.wake(until);
    set_waiting(work, job.id, "the commit of its last checkpoint");
    return true;
}

// True if the job may be placed now; otherwise says what it waits for.
bool is_due(Work& work, const Job& job) {
    if (const auto* recovering = std::get_if<phase::Recovering>(&job.phase)) {
        if (work.now < recovering->not_before) {
            work.wake(recovering->not_before);
            return false;
        }
    }
    return !waits_for_commit(work, job) && !waits_for_store(work, job);
}

void place_job(Work& work, JobId id, Avoidance& avoid, std::int64_t& room) {
    if (!is_due(work, work.state.jobs.at(id))) return;
    Job& job = work.state.jobs.at(id);
    if (!is_within_limits(work, job)) return;
    if (room <= 0) {
        work.waits_for_plan = true;
        return set_waiting(work, id, "its turn: the provider takes one order at a time");
    }
    if (!has_fresh_offers(work, job.spec)) {
        if (is_refreshing_offers(work, job.spec) && !is_without_reason(job)) return;
        return set_waiting(work, id, "offers from the market");
    }
    const Choice choice = choose(work, job, avoid);
    if (!choice.candidate) return set_waiting(work, id, choice.waiting_for);
    start_attempt(work, work.edit_job(id), choice, avoid);
    --room;
}

// The attempt's machine was refused: the next offer is a new intent of the same attempt.
void replace_intent(Work& work, AttemptKey key, Avoidance& avoid) {
    Attempt& attempt = work.state.attempts.at(key);
    const auto& placing = std::get<attempt_phase::Placing>(attempt.phase);
    if (placing.refusals > work.settings.refusals_per_attempt) {
        return end_attempt(work, key, EndReason::kNoCapacity, "every offer tried was refused");
    }
    const Job& job = work.state.jobs.at(key.job);
    if (!has_fresh_offers(work, job.spec)) return;
    const Choice choice = choose(work, job, avoid);
    if (!choice.candidate)
        return end_attempt(work, key, EndReason::kNoCapacity, "no other offer fits");
    const IntentId intent = plan_intent(work, key, choice, avoid);
    work.edit_attempt(key).members.at(0).intent = intent;
}

bool needs_intent(const State& state, const Attempt& attempt) {
    return std::holds_alternative<attempt_phase::Placing>(attempt.phase) &&
           is_over(state.intents.at(attempt.members.at(0).intent).phase);
}

}  // namespace

void pass_over(Work& work, IntentId id) {
    if (id.value < work.state.meta.next_intent) return;
    work.edit_meta().next_intent = id.value + 1;
}

void set_waiting(Work& work, JobId id, const std::string& what) {
    const JobPhase& phase = work.state.jobs.at(id).phase;
    if (const auto* queued = std::get_if<phase::Queued>(&phase)) {
        if (queued->waiting_for == what) return;
        phase::Queued next = *queued;
        next.waiting_for = what;
        work.set_phase(work.edit_job(id), next);
    } else if (const auto* recovering = std::get_if<phase::Recovering>(&phase)) {
        if (recovering->waiting_for == what) return;
        phase::Recovering next = *recovering;
        next.waiting_for = what;
        work.set_phase(work.edit_job(id), next);
    }
}

void on_offers(Work& work, const input::OffersFound& in) {
    OfferShelf& shelf = work.state.offers[{in.gpu_name, in.gpu_count}];
    shelf.asking = false;
    work.dirty = true;
    if (!in.complete) {
        shelf.asking = true;  // keeps the retry pause that began when it was asked
        return;
    }
    shelf.found = work.now;
    shelf.offers = in.offers;
}

void place_waiting(Work& work) {
    if (work.state.leads_since == Instant{}) return;
    std::vector<AttemptKey> unserved;
    for (const AttemptKey& key : work.state.live_attempts) {
        if (needs_intent(work.state, work.state.attempts.at(key))) unserved.push_back(key);
    }
    if (unserved.empty() && work.state.ready.empty()) return;
    const std::string blocked = why_not_renting(work);
    if (work.now < work.state.provider.blocked_until) work.wake(work.state.provider.blocked_until);
    std::vector<JobId> waiting;
    for (const ReadyKey& key : work.state.ready) {
        if (static_cast<int>(waiting.size()) >= kJobsPerPass) break;
        waiting.push_back(key.job);
    }
    if (!blocked.empty()) {
        for (const JobId job : waiting)
            set_waiting(work, job, blocked);
        return;
    }
    Avoidance avoid = gather_avoidance(work);
    for (const AttemptKey& key : unserved)
        replace_intent(work, key, avoid);
    std::int64_t room = room_for_plans(work);
    for (const JobId job : waiting)
        place_job(work, job, avoid, room);
}

namespace {

// Unguessable for whoever lacks the cluster key, fresh for every intent.
std::string make_join_token(const Work& work, IntentId intent, std::uint64_t draw) {
    return to_base64url(hmac_sha256(
        work.cluster.key, "join/" + std::to_string(intent.value) + "/" + std::to_string(draw)));
}

void arm(Work& work, Intent& intent) {
    const std::string token = make_join_token(work, intent.id, work.jitter());
    intent.token_hash = sha256_hex(token);
    work.set_phase(intent, rent::Armed{work.now, work.now + work.settings.create_send_window});
    work.note("rent.armed", intent.attempt.job, to_text(intent.id), {{"label", intent.label}});
    work.state.next_create = work.now + work.settings.create_interval;
    work.wake(work.now + work.settings.unknown_after);
    effect::CreateMachine create;
    create.intent = intent;
    create.job = intent.attempt.job;
    create.image = work.state.jobs.at(intent.attempt.job).spec.image;
    create.join_token = token;
    work.release(std::move(create));
}

}  // namespace

void arm_planned(Work& work) {
    if (work.state.leads_since == Instant{}) return;
    if (!why_not_renting(work).empty()) {
        if (work.now < work.state.provider.blocked_until)
            work.wake(work.state.provider.blocked_until);
        return;
    }
    const std::vector<IntentId> open = snapshot(work.state.open_intents);
    auto armed = std::count_if(open.begin(), open.end(), [&](IntentId id) {
        return std::holds_alternative<rent::Armed>(work.state.intents.at(id).phase);
    });
    for (const IntentId id : open) {
        Intent& intent = work.state.intents.at(id);
        if (!std::holds_alternative<rent::Planned>(intent.phase)) continue;
        // The calls leave more slowly than the interval: each waits for the answer to the one
        // before.
        if (armed >= kArmedMax) return;
        if (work.now < work.state.next_create) return work.wake(work.state.next_create);
        if (work.now - intent.planned > kPlanAge) {
            drop_plan(work, intent, "the plan was too old to act on");
            work.wake(work.now);
            continue;
        }
        arm(work, work.edit_intent(id));
        ++armed;
        if (work.waits_for_plan) work.wake(work.now);
    }
}

}  // namespace herder
