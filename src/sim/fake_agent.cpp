#include "sim/fake_agent.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "base/digest.h"
#include "sim/fake_restore.h"

namespace herder::sim {

namespace {

constexpr Duration kSyncTimeout = seconds(30);
constexpr Duration kSwitchAtBoot = minutes(30);

std::int64_t draw_drift(Stage& stage, RandomStream& draw) {
    const double intensity = stage.faults.intensity(Fault::kClockDrift);
    if (intensity <= 0) return 0;
    stage.faults.count(Fault::kClockDrift);
    const auto most = static_cast<std::int64_t>(intensity * 10'000);
    return draw.between(-most, most);
}

RandomStream own_stream(std::uint64_t seed, ContractId contract, const char* what) {
    return {mix64(seed) ^ static_cast<std::uint64_t>(contract.value), what};
}

}  // namespace

FakeAgent::FakeAgent(AgentWorld& world, const Rental& rental)
    : world_(world),
      contract_(rental.id),
      intent_(rental.intent),
      machine_(rental.machine),
      token_(rental.join_token),
      token_hash_(sha256_hex(token_)),
      session_hash_(sha256_hex("session/" + token_ + std::to_string(rental.id.value))),
      clock_(world.stage,
             [&] {
                 RandomStream drift = own_stream(world.stage.seed, rental.id, "drift");
                 return draw_drift(world.stage, drift);
             }()),
      draw_(own_stream(world.stage.seed, rental.id, "agent")) {}

FakeAgent::~FakeAgent() = default;

void FakeAgent::later(Duration wait, std::function<void()> action) {
    world_.stage.schedule.after(wait, [this, action = std::move(action)] {
        if (alive_) action();
    });
}

void FakeAgent::boot() {
    switch_at_ = local() + kSwitchAtBoot;
    world_.stage.schedule.after(kSwitchAtBoot, [this] { watch_switch(); });
    join();
}

void FakeAgent::die() {
    container_ = false;
    kill_agent();
}

void FakeAgent::kill_agent() {
    if (!alive_) return;
    alive_ = false;
    facts_.is_computing = false;
    ++run_generation_;
    job_.reset();
}

bool FakeAgent::can_speak() const {
    const auto& rentals = world_.provider.rentals();
    const auto rental = rentals.find(contract_);
    return rental != rentals.end() && !rental->second.is_offline;
}

// The switch is a process of its own: it counts whatever the agent does.
void FakeAgent::watch_switch() {
    if (!container_) return;
    if (local() < switch_at_) {
        const Instant at = clock_.to_true(switch_at_);
        return world_.stage.schedule.at(at, [this] { watch_switch(); });
    }
    world_.stage.marks.hit(Mark::kDeadManSwitchFired);
    world_.stage.note("agent.switch", static_cast<std::uint64_t>(contract_.value));
    world_.provider.destroy_self(contract_);
    if (container_) world_.stage.schedule.after(minutes(1), [this] { watch_switch(); });
}

void FakeAgent::touch_switch(Duration after) {
    // Earlier than what is scheduled: rare, so a second check is scheduled, which is harmless.
    const Instant at = local() + after;
    if (at < switch_at_) {
        world_.stage.schedule.at(clock_.to_true(at), [this] { watch_switch(); });
    }
    switch_at_ = at;
}

void FakeAgent::join() {
    if (joined_) return;
    input::AgentJoined in;
    in.intent = intent_;
    in.token_hash = token_hash_;
    in.session_hash = session_hash_;
    in.contract = contract_;
    const auto arrive = [this, in] {
        Orchestrator* server = world_.server();
        if (server == nullptr) return;
        server->request(in, [this](const Result<ReplyBody>* answer) {
            if (answer == nullptr) return;
            world_.network.send(contract_, Way::kToAgent, [this, got = *answer] {
                if (alive_) on_join_answer(&got);
            });
        });
    };
    if (can_speak()) world_.network.send(contract_, Way::kToServer, arrive);
    const Duration wait = std::min(seconds(5) * (1LL << std::min(join_tries_++, 3)), seconds(30));
    later(wait, [this] { join(); });
}

void FakeAgent::on_join_answer(const Result<ReplyBody>* answer) {
    if (joined_ || !answer->has_value()) return;
    const auto* joined = std::get_if<reply::Joined>(&answer->value());
    if (joined == nullptr) return;
    joined_ = true;
    facts_.attempt = joined->attempt;
    facts_.heard_sent_at = world_.stage.now();
    world_.stage.note("agent.joined", static_cast<std::uint64_t>(contract_.value),
                      joined->attempt.job.value);
    feed(worker_input::Started{intent_, joined->attempt.fence, "sim"});
}

void FakeAgent::feed(const WorkerInput& input) {
    if (!alive_ || !joined_) return;
    for (const WorkerAction& action : brain_.step(local(), input))
        act(action);
    if (!alive_) return;
    Instant next = brain_.wake_at();
    if (open_sequence_ != 0) next = std::min(next, open_since_ + kSyncTimeout);
    arm(next);
}

void FakeAgent::arm(Instant at_local) {
    const Instant at = clock_.to_true(at_local);
    if (at >= kNever || at >= timer_at_) return;
    timer_at_ = at;
    world_.stage.schedule.at(at, [this, at] {
        if (timer_at_ != at) return;
        timer_at_ = kNever;
        if (alive_) wake();
    });
}

void FakeAgent::wake() {
    if (open_sequence_ != 0 && local() >= open_since_ + kSyncTimeout) {
        const std::uint64_t failed = std::exchange(open_sequence_, 0);
        if (world_.mutant == Mutant::kIgnoreLease && last_sequence_ != 0) {
            // The planted defect: silence is taken for the orders of before, renewed.
            return feed(worker_input::OrdersReceived{failed, local(), last_orders_});
        }
        return feed(worker_input::SyncFailed{failed});
    }
    if (job_) {
        facts_.step = job_->step();
        return feed(worker_input::StepSeen{facts_.step});
    }
    feed(worker_input::TimerFired{});
}

void FakeAgent::act(const WorkerAction& action) {
    std::visit(
        [this](const auto& body) {
            using T = std::remove_cvref_t<decltype(body)>;
            if constexpr (std::is_same_v<T, worker_action::SendReport>) {
                send_report(body.report);
            } else if constexpr (std::is_same_v<T, worker_action::StartAdmission>) {
                measure();
            } else if constexpr (std::is_same_v<T, worker_action::StartRestore>) {
                restore(body.assignment);
            } else if constexpr (std::is_same_v<T, worker_action::StartSetup>) {
                const Duration wait = seconds(draw_.between(5, 60));
                later(wait, [this] { feed(worker_input::SetupEnded{}); });
            } else if constexpr (std::is_same_v<T, worker_action::StartRun>) {
                run(body.assignment);
            } else if constexpr (std::is_same_v<T, worker_action::WriteStopFile>) {
                // These jobs listen to signals only.
            } else if constexpr (std::is_same_v<T, worker_action::SignalJob>) {
                if (job_) job_->signal();
            } else if constexpr (std::is_same_v<T, worker_action::KillEverything>) {
                if (job_) {
                    world_.stage.marks.hit(Mark::kKilledAfterGrace);
                    facts_.is_computing = false;
                    job_->kill();
                }
            } else if constexpr (std::is_same_v<T, worker_action::Upload>) {
                upload(body.grant);
            } else if constexpr (std::is_same_v<T, worker_action::DiscardCheckpoint>) {
                local_.erase(body.local_seq);
            } else if constexpr (std::is_same_v<T, worker_action::StoreOutcome>) {
                store_outcome(body.outcome);
            } else if constexpr (std::is_same_v<T, worker_action::TouchDeadMan>) {
                touch_switch(body.dead_man_after);
            } else if constexpr (std::is_same_v<T, worker_action::DestroySelf>) {
                world_.stage.note("agent.destroys", static_cast<std::uint64_t>(contract_.value));
                const ContractId id = contract_;
                world_.stage.schedule.after(seconds(1),
                                            [this, id] { world_.provider.destroy_self(id); });
            } else if constexpr (std::is_same_v<T, worker_action::Leave>) {
                kill_agent();
            } else {
                static_assert(!sizeof(T), "an action that nobody carries out");
            }
        },
        action);
}

void FakeAgent::send_report(const AgentReport& report) {
    open_sequence_ = report.sequence;
    open_since_ = local();
    if (report.outcome) facts_.has_outcome = true;
    if (!can_speak()) return;
    input::AgentReported in;
    in.session_hash = session_hash_;
    in.report = report;
    const Instant sent_local = local();
    const Instant sent_true = world_.stage.now();
    const std::uint64_t sequence = report.sequence;
    world_.network.send(
        contract_, Way::kToServer,
        [this, in = std::move(in), sequence, sent_local, sent_true]() mutable {
            Orchestrator* server = world_.server();
            if (server == nullptr) return;
            if (!server->is_frozen() && sequence > facts_.newest_in) {
                facts_.newest_in = sequence;
                facts_.last_report_in = world_.stage.now();
            }
            server->report(std::move(in), [this, sequence, sent_local,
                                           sent_true](const Result<ReplyBody>* answer) {
                if (answer == nullptr || !can_speak()) return;
                world_.network.send(contract_, Way::kToAgent,
                                    [this, sequence, sent_local, sent_true, got = *answer] {
                                        if (alive_)
                                            on_orders(sequence, sent_local, sent_true, &got);
                                    });
            });
        });
}

void FakeAgent::on_orders(std::uint64_t sequence, Instant sent_local, Instant sent_true,
                          const Result<ReplyBody>* answer) {
    if (!can_speak()) return;
    if (open_sequence_ == sequence) open_sequence_ = 0;
    if (!answer->has_value()) return feed(worker_input::SyncFailed{sequence});
    const AgentOrders& orders = std::get<reply::Orders>(answer->value()).orders;
    world_.stage.mix("orders", intent_.value, sequence);
    const Duration unheard = sent_true - facts_.heard_sent_at;
    if (facts_.is_computing && unheard > orders.lease && !orders.fenced) {
        world_.stage.marks.hit(Mark::kDetachedAndReadopted);
    }
    facts_.heard_sent_at = std::max(facts_.heard_sent_at, sent_true);
    facts_.lease = orders.lease;
    facts_.detached_for = orders.detached_for;
    last_orders_ = orders;
    last_orders_.assignment.reset();
    last_sequence_ = sequence;
    if (orders.fenced && !facts_.told_fenced) {
        facts_.told_fenced = world_.stage.now();
        world_.stage.marks.hit(Mark::kToldFenced);
        world_.stage.note("agent.fenced", static_cast<std::uint64_t>(contract_.value));
    }
    feed(worker_input::OrdersReceived{sequence, sent_local, orders});
}

// An honest machine without a GPU driver: nothing to object to.
void FakeAgent::measure() {
    worker_input::AdmissionEnded ended;
    ended.facts.not_measured = {"GPU: simulated"};
    later(seconds(draw_.between(1, 20)), [this, ended] { feed(ended); });
}

void FakeAgent::restore(const Assignment& assignment) {
    if (world_.watch != nullptr) world_.watch->on_restoring(*this, assignment);
    const Duration wait = seconds(draw_.between(3, 90));
    if (assignment.resume_from && draw_.chance_per_million(500'000))
        later(wait / 2, [this] { feed(worker_input::FilesReady{}); });
    later(wait, [this, from = assignment.resume_from] {
        facts_.read_back = from;
        facts_.is_read_right = true;
        if (!from) return feed(worker_input::RestoreEnded{});
        read_back(*from);
    });
}

void FakeAgent::read_back(CheckpointId id) {
    if (!misreads_) misreads_ = world_.stage.faults.strikes(Fault::kHostMisreads, 150'000);
    FakeRestore restore(world_.stage, world_.objects, {machine_, *misreads_, world_.mutant});
    const worker_input::RestoreEnded ended = restore.read(id);
    facts_.is_read_right = restore.is_right();
    if (ended.result == worker_input::RestoreResult::kCorrupt) {
        world_.stage.marks.hit(Mark::kRestoreFellBack);
        world_.objects.note_failure(id, machine_);
    }
    feed(ended);
}

void FakeAgent::run(const Assignment& assignment) {
    const std::uint64_t number = plan_number(assignment.spec);
    const JobPlan& plan = world_.plans.at(number - 1);
    const int run_number = ++world_.runs[number];
    const std::int64_t from = assignment.resume_from ? assignment.resume_step : 0;
    restored_ = assignment.resume_from;
    if (restored_) world_.stage.marks.hit(Mark::kResumedFromCheckpoint);
    world_.stage.note("job.runs", assignment.job.value, static_cast<std::uint64_t>(from));
    const std::uint64_t generation = ++run_generation_;
    FakeJob::Hooks hooks;
    hooks.on_checkpoint = [this, generation](std::int64_t step, CheckpointKind kind) {
        if (!alive_ || generation != run_generation_) return;
        CheckpointOffer offer;
        offer.local_seq = next_local_seq_++;
        offer.step = step;
        offer.kind = kind;
        auto& files = local_[offer.local_seq];
        files = make_local_files(mix64(intent_.value) ^ offer.local_seq);
        offer.files = declare(files);
        feed(worker_input::CheckpointFound{std::move(offer)});
    };
    hooks.on_end = [this, generation](const worker_input::ProcessEnd& end) {
        if (alive_ && generation == run_generation_) end_run(end);
    };
    facts_.is_computing = true;
    facts_.computing_since = world_.stage.now();
    facts_.step = from;
    job_ = std::make_unique<FakeJob>(world_.stage, plan, from, run_number, std::move(hooks));
    if (world_.watch != nullptr) world_.watch->on_computing(*this);
}

void FakeAgent::end_run(const worker_input::ProcessEnd& end) {
    facts_.is_computing = false;
    ++run_generation_;
    job_.reset();
    world_.stage.note("job.process_ended", intent_.value,
                      static_cast<std::uint64_t>(end.exit_code));
    feed(worker_input::ProcessExited{end});
}

void FakeAgent::upload(const UploadGrant& grant) {
    Duration wait = seconds(draw_.between(2, 30));
    if (world_.stage.faults.strikes(Fault::kSlowUpload, 500'000)) {
        wait = minutes(world_.stage.faults.stream(Fault::kSlowUpload).between(1, 20));
    }
    later(milliseconds(200), [this, grant, wait] { begin_upload(grant, wait); });
}

void FakeAgent::begin_upload(const UploadGrant& grant, Duration wait) {
    const auto files = local_.find(grant.local_seq);
    Orchestrator* server = world_.server();
    if (files == local_.end() || server == nullptr || !can_speak())
        return end_upload(grant.local_seq, false);
    auto parts = server->sign_parts(grant.checkpoint, {*facts_.attempt, restored_}, files->second);
    if (!parts) return end_upload(grant.local_seq, false);
    const auto count = static_cast<std::int64_t>(parts->size());
    auto sending = std::make_shared<Sending>();
    sending->local_seq = grant.local_seq;
    sending->parts = std::move(*parts);
    sending->pace = Duration{wait.us / std::max<std::int64_t>(count, 1)};
    send_next(std::move(sending));
}

void FakeAgent::send_next(std::shared_ptr<Sending> sending) {
    if (sending->next == sending->parts.size()) return end_upload(sending->local_seq, true);
    later(sending->pace, [this, sending = std::move(sending)]() mutable {
        if (!can_speak() || !send(sending->parts[sending->next]))
            return end_upload(sending->local_seq, false);
        ++sending->next;
        send_next(std::move(sending));
    });
}

// True if the store acknowledged it.
bool FakeAgent::send(const PartToSend& sent) {
    FaultPlan& faults = world_.stage.faults;
    if (faults.strikes(Fault::kUploadFails, 80'000)) return false;
    FakeBucket& bucket = world_.objects.bucket();
    UploadPart part = sent.part;
    if (faults.strikes(Fault::kPartDamaged, 25'000)) {
        // Changed under our hands while it was sent, or cut short.
        part.crc32c = *part.crc32c ^ 1U;
        if (faults.stream(Fault::kPartDamaged).below(4) == 0) part.size.count -= 1;
    }
    if (faults.strikes(Fault::kObjectMissing, 40'000)) return true;
    if (faults.strikes(Fault::kStoreLate, 20'000)) {
        const Duration wait = seconds(faults.stream(Fault::kStoreLate).between(1, 120));
        bucket.receive_late(sent.upload, part, sent.sent, wait);
        return false;
    }
    return bucket.receive(sent.upload, std::move(part), sent.sent).has_value();
}

void FakeAgent::end_upload(std::uint64_t local_seq, bool uploaded) {
    worker_input::UploadEnded ended;
    ended.local_seq = local_seq;
    ended.uploaded = uploaded;
    world_.stage.note("agent.uploaded", intent_.value, uploaded ? local_seq : 0);
    feed(ended);
}

void FakeAgent::store_outcome(const AttemptOutcome& outcome) {
    later(seconds(draw_.between(1, 15)), [this, outcome] {
        const bool stored = can_speak();
        if (stored) world_.objects.put_outcome(*facts_.attempt, outcome);
        feed(worker_input::OutcomeStored{stored});
    });
}

}  // namespace herder::sim
