#include "sim/world.h"

#include <algorithm>

#include "base/record.h"

namespace herder::sim {

namespace {

ClusterIdentity make_cluster() {
    return {"simu", "0123456789abcdef0123456789abcdef"};
}

Settings make_settings(std::uint64_t seed, Mutant mutant) {
    Settings settings;
    // Within the day of quiet that follows.
    settings.commit_patience = hours(12);
    // Half of the worlds; not where checkpoints lie at places that tell no numbers.
    settings.looks_at_runs = seed % 2 == 0 && mutant != Mutant::kKeysByStep;
    if (mutant == Mutant::kForgetFirstAbsence) {
        settings.close_absent_lists = 1;
        settings.unknown_absent_lists = 1;
        settings.unknown_wait = Duration{};
    }
    return settings;
}

// The planted defect: rows of rentals are stored only once their call has been answered.
bool is_before_answer(const RowChange& change) {
    if (change.table != Table::kIntent || !change.record) return false;
    const auto intent = from_record<Intent>(*change.record);
    return intent && (std::holds_alternative<rent::Planned>(intent->phase) ||
                      std::holds_alternative<rent::Armed>(intent->phase) ||
                      std::holds_alternative<rent::Sent>(intent->phase) ||
                      std::holds_alternative<rent::Unknown>(intent->phase));
}

// The planted defect: the number of the newest commit is stored as it was before.
void forget_newest_number(Commit& commit) {
    const auto forget = [](RowChange& change) {
        if (change.table != Table::kJob || !change.record) return;
        auto job = from_record<Job>(*change.record);
        if (!job || job->commit_seq == 0) return;
        --job->commit_seq;
        change.record = to_record(*job);
    };
    for (RowChange& change : commit.changes)
        forget(change);
    for (Event& event : commit.events) {
        if (event.row) forget(*event.row);
    }
}

// Tells the checkers what becomes visible in the bucket, what vanishes and what is in vain.
void watch_bucket(FakeBucket& bucket, const Checkers& checkers, std::function<Sight()> sight) {
    bucket.on_put = [&checkers, sight](const std::string& key, bool replaced) {
        for (const auto& checker : checkers)
            checker->on_object_put(sight(), key, replaced);
    };
    const auto tell = [&checkers, sight](void (Checker::*told)(const Sight&, const std::string&)) {
        return [&checkers, sight, told](const std::string& key) {
            for (const auto& checker : checkers)
                (checker.get()->*told)(sight(), key);
        };
    };
    bucket.on_remove = tell(&Checker::on_object_removed);
    bucket.on_abort = tell(&Checker::on_upload_aborted);
    bucket.on_part_in_vain = tell(&Checker::on_part_in_vain);
}

int draw_jobs(RandomStream& shape, int most) {
    return static_cast<int>(shape.between(std::min(most, 15), most));
}

}  // namespace

World::World(const WorldOptions& options)
    : options_(options),
      stage_(options.seed, options.off, options.is_tracing),
      shape_(options.seed, "shape"),
      provider_(stage_, static_cast<int>(shape_.between(25, 60))),
      objects_(stage_, options.mutant),
      network_(stage_),
      calls_(stage_, provider_, options.mutant, options.reading),
      around_{stage_,        store_,         calls_,
              objects_,      make_cluster(), make_settings(options.seed, options.mutant),
              options.mutant},
      operators_(
          stage_, [this] { return server_ != nullptr && !server_->is_dead() ? server_ : nullptr; },
          options.workload_time, draw_jobs(shape_, options.jobs_max)),
      agent_world_{stage_,
                   network_,
                   objects_,
                   provider_,
                   operators_.plans(),
                   runs_,
                   [this] { return server_ != nullptr && !server_->is_dead() ? server_ : nullptr; },
                   this,
                   options.mutant},
      checkers_(make_checkers()) {
    stage_.judged_by = options.judged_by;
    RandomStream drift(options.seed, "host_drift");
    for (int i = 0; i < 2; ++i) {
        const double intensity = stage_.faults.intensity(Fault::kClockDrift);
        const auto most = static_cast<std::int64_t>(intensity * 10'000);
        hosts_.push_back(std::make_unique<HostClock>(stage_, drift.between(-most, most)));
    }
    wire();
}

World::~World() = default;

void World::wire() {
    store_.decide_fate = [this](Term) { return decide_fate(); };
    store_.on_commit = [this](Term term, const Commit& commit) {
        ++commits_;
        stage_.mix("commit", term.value, commits_);
        for (const auto& process : processes_) {
            if (process->is_dead() || process->term() != term) continue;
            watch_marks(commit, *process->state());
            const Sight view = sight();
            for (const auto& checker : checkers_)
                checker->on_commit(view, commit, *process->state());
        }
    };
    store_.on_fenced = [this](Term) { stage_.marks.hit(Mark::kOldLeaderFenced); };
    if (options_.mutant == Mutant::kNoIntentRow) {
        store_.tamper = [](Commit& commit) { std::erase_if(commit.changes, is_before_answer); };
    }
    if (options_.mutant == Mutant::kSequenceReused) store_.tamper = forget_newest_number;
    provider_.on_boot = [this](Rental& rental) { boot_agent(rental); };
    provider_.on_kill = [this](Rental& rental) {
        const auto agent = agents_.find(rental.id);
        if (agent != agents_.end()) agent->second->die();
    };
    provider_.on_created = [this](const Rental& rental) {
        for (const auto& checker : checkers_)
            checker->on_created(sight(), rental);
    };
    calls_.on_create_sent = [this](const CreateCall& call) {
        for (const auto& checker : checkers_)
            checker->on_create_sent(sight(), call);
    };
    calls_.on_judged = [this](const CreateCall& call, const ApiReply& reply) {
        for (const auto& checker : checkers_)
            checker->on_judged(sight(), call, reply);
    };
    calls_.on_haste = [this](Route route) {
        for (const auto& checker : checkers_)
            checker->on_haste(sight(), route);
    };
    calls_.on_destroy_sent = [this](ContractId contract) {
        for (const auto& checker : checkers_)
            checker->on_destroy_sent(sight(), contract);
    };
    watch_bucket(objects_.bucket(), checkers_, [this] { return sight(); });
    operators_.on_broken_promise = [this](const std::string& what) {
        stage_.violate("12 accepted-is-durable", what);
    };
}

Sight World::sight() {
    Sight view{stage_, provider_, objects_, store_, operators_, agents_, nullptr, Instant{}};
    if (server_ == nullptr || server_->is_dead() || server_->is_frozen()) return view;
    const State* state = server_->state();
    // With a commit open the core is ahead of what is true for everybody else.
    if (state->leads_since == Instant{} || server_->is_committing()) return view;
    view.leader = state;
    view.logical_now = server_->logical_now();
    return view;
}

void World::start_process() {
    if (server_ != nullptr && !server_->is_dead() && !server_->is_frozen()) return;
    const std::uint64_t number = processes_.size() + 1;
    processes_.push_back(std::make_unique<Orchestrator>(
        around_, *hosts_[number % hosts_.size()], number,
        [this, number](bool fenced) { on_process_died(number, fenced); }));
    server_ = processes_.back().get();
    server_->start();
}

void World::on_process_died(std::uint64_t number, bool fenced) {
    if (fenced || number != processes_.size()) return;
    const bool long_away = shape_.below(10) == 0;
    const Duration wait = seconds(shape_.between(1, long_away ? 1'500 : 60));
    stage_.schedule.after(wait, [this] { start_process(); });
}

CommitFate World::decide_fate() {
    if (options_.crash_at_commit != 0) {
        if (commits_ + 1 != options_.crash_at_commit) return CommitFate::kGoesWell;
        const bool first = sweep_crashes_++ == 0;
        if (!first) return CommitFate::kGoesWell;
        return options_.crash_after ? CommitFate::kCrashAfter : CommitFate::kCrashBefore;
    }
    FaultPlan& faults = stage_.faults;
    if (stage_.now() < disk_full_until_) return CommitFate::kDiskFull;
    if (faults.strikes(Fault::kDiskFull, 300)) {
        const Duration length = seconds(faults.stream(Fault::kDiskFull).between(1, 1'200));
        disk_full_until_ = stage_.now() + length;
        return CommitFate::kDiskFull;
    }
    if (faults.strikes(Fault::kCrashAtCommit, 2'000)) {
        const bool after = faults.stream(Fault::kCrashAtCommit).below(2) == 0;
        stage_.marks.hit(after ? Mark::kCrashAfterCommit : Mark::kCrashBeforeCommit);
        return after ? CommitFate::kCrashAfter : CommitFate::kCrashBefore;
    }
    if (faults.strikes(Fault::kCommitUnknown, 20'000)) {
        stage_.marks.hit(Mark::kCommitAnswerLost);
        return faults.stream(Fault::kCommitUnknown).below(2) == 0 ? CommitFate::kAnswerLost
                                                                  : CommitFate::kNeverArrived;
    }
    return CommitFate::kGoesWell;
}

void World::boot_agent(const Rental& rental) {
    auto& agent = agents_[rental.id];
    if (agent) former_agents_.push_back(std::move(agent));
    agent = std::make_unique<FakeAgent>(agent_world_, rental);
    agent->boot();
}

void World::every_minute() {
    const Sight view = sight();
    for (const auto& checker : checkers_)
        checker->on_minute(view);
    stage_.schedule.after(minutes(1), [this] { every_minute(); });
}

void World::every_poke() {
    if (server_ != nullptr) server_->poke();
    stage_.schedule.after(options_.poke_every, [this] { every_poke(); });
}

void World::every_ten_minutes() {
    provider_.tick();
    for (const auto& [id, agent] : agents_) {
        if (!agent->is_alive()) continue;
        network_.disturb(id);
        if (stage_.faults.strikes(Fault::kAgentKilled, 5'000)) {
            stage_.note("agent.killed", static_cast<std::uint64_t>(id.value));
            agent->kill_agent();
        }
    }
    if (stage_.faults.strikes(Fault::kOutage, 8'000) && !provider_.is_out()) {
        provider_.begin_outage(minutes(stage_.faults.stream(Fault::kOutage).between(1, 120)));
    }
    if (!stranger_ && shape_.below(20) == 0 && !stage_.faults.has_ended()) {
        // Machines of other users of the account, with labels that look a little like ours.
        provider_.rent_to_stranger(shape_.below(2) == 0 ? "my-notebook" : "herder1-simu-0-000000");
        stranger_ = shape_.below(3) == 0;
    }
    disturb_process();
    stage_.schedule.after(minutes(10), [this] { every_ten_minutes(); });
}

void World::disturb_process() {
    FaultPlan& faults = stage_.faults;
    if (server_ == nullptr || server_->is_dead() || server_->is_frozen()) return;
    if (faults.strikes(Fault::kKill, 30'000)) {
        // At any moment of the ten minutes to come, not at their beginning.
        const Duration when = milliseconds(faults.stream(Fault::kKill).between(0, 600'000));
        stage_.schedule.after(when, [this] {
            if (server_ != nullptr && !stage_.faults.has_ended()) server_->kill();
        });
    }
    if (faults.strikes(Fault::kTwoLeaders, 20'000)) hand_over();
    if (faults.strikes(Fault::kWallJump, 15'000)) {
        RandomStream& draw = faults.stream(Fault::kWallJump);
        HostClock& host = *hosts_[draw.below(hosts_.size())];
        host.wall_offset = draw.below(2) == 0 ? days(1) : Duration{} - days(1);
        stage_.note("host.wall_jump", draw.below(2));
        if (server_->state()->leases.size() > 1) stage_.marks.hit(Mark::kWallJumpedWhileRunning);
        stage_.schedule.after(minutes(draw.between(1, 360)),
                              [&host] { host.wall_offset = Duration{}; });
    }
}

// The leader's host stops for a while; another process takes over; then the old one goes on.
void World::hand_over() {
    RandomStream& draw = stage_.faults.stream(Fault::kTwoLeaders);
    const Duration length = seconds(draw.between(30, 1'200));
    const Duration notice = seconds(draw.between(20, 60));
    const auto stop = [this, process = server_, length, notice] {
        if (process != server_ || process->is_frozen() || stage_.faults.has_ended()) return;
        process->freeze(length);
        stage_.schedule.after(notice, [this] { start_process(); });
    };
    // At worst with an order to rent on its way to the wire.
    if (draw.below(2) == 0) return server_->at_next_order(stop);
    stop();
}

void World::begin_quiet() {
    stage_.note("quiet");
    stage_.faults.end();
    disk_full_until_ = Instant{};
    for (const auto& host : hosts_)
        host->wall_offset = Duration{};
    operators_.begin_quiet();
}

bool World::run_until(Instant end) {
    while (stage_.schedule.run_next(end)) {
        if (!stage_.violations.empty()) return false;
    }
    return stage_.violations.empty();
}

SeedReport World::run() {
    start_process();
    operators_.begin();
    stage_.schedule.after(minutes(1), [this] { every_minute(); });
    stage_.schedule.after(minutes(10), [this] { every_ten_minutes(); });
    if (options_.poke_every > Duration{}) every_poke();
    const Instant quiet_from = Instant{} + options_.fault_time;
    if (run_until(quiet_from)) {
        begin_quiet();
        if (run_until(quiet_from + options_.quiet_time)) {
            const Sight view = sight();
            for (const auto& checker : checkers_)
                checker->on_end(view);
        }
    }
    return report();
}

SeedReport World::report() const {
    SeedReport report;
    report.seed = options_.seed;
    report.violations = stage_.violations;
    report.tail.assign(stage_.tail.begin(), stage_.tail.end());
    report.hash = stage_.hash;
    report.marks = stage_.marks;
    report.faults = stage_.faults.counts();
    FaultPlan fresh(options_.seed, options_.off);
    report.classes_on = fresh.classes_on();
    for (const auto& [id, rental] : provider_.rentals())
        report.machines_rented += rental.intent ? 1 : 0;
    if (server_ != nullptr && !server_->is_dead()) {
        for (const auto& [id, job] : server_->state()->jobs) {
            ++report.jobs;
            report.jobs_succeeded += std::holds_alternative<phase::Succeeded>(job.phase) ? 1 : 0;
        }
    }
    report.commits = commits_;
    report.actions = stage_.schedule.actions_run();
    report.simulated = stage_.now() - Instant{};
    return report;
}

void World::on_restoring(const FakeAgent& agent, const Assignment& assignment) {
    for (const auto& checker : checkers_)
        checker->on_restoring(sight(), agent, assignment);
}

void World::on_computing(const FakeAgent& agent) {
    for (const auto& checker : checkers_)
        checker->on_computing(sight(), agent);
}

void set_times(WorldOptions& options, Duration workload, Duration faults) {
    options.workload_time = workload;
    options.fault_time = faults;
    // The quiet lasts a whole day of the calendar, so that budgets by day open once more, and a
    // while beyond midnight, so that what opens then has been looked at.
    const std::int64_t days_begun = (workload.us + days(1).us - 1) / days(1).us;
    options.quiet_time = days(days_begun + 1) + minutes(5) - faults;
}

SeedReport run_seed(const WorldOptions& options) {
    World world(options);
    return world.run();
}

}  // namespace herder::sim
