#include "sim/orchestrator.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "base/assert.h"
#include "base/digest.h"
#include "sim/replay_record.h"
#include "sim/waiting.h"

namespace herder::sim {

namespace {

constexpr int kStepsPerMinuteMax = 1'500;
// Keeps a stale agent's checkpoints apart from the current one's (the planted defect alone).
constexpr std::uint64_t kStaleNumbers = 1'000;

std::uint64_t own_number(std::uint64_t number) {
    return number > kStaleNumbers ? number - kStaleNumbers : 0;
}

// What a stale agent is answered in the current one's place, in its own numbers again.
Orchestrator::ReplyHandler in_own_numbers(Orchestrator::ReplyHandler handler) {
    return [handler = std::move(handler)](const Result<ReplyBody>* answer) {
        if (answer == nullptr || !answer->has_value()) return handler(answer);
        Result<ReplyBody> own = *answer;
        AgentOrders& orders = std::get<reply::Orders>(*own).orders;
        orders.settled_local_seq = own_number(orders.settled_local_seq);
        orders.committed_local_seq = own_number(orders.committed_local_seq);
        if (orders.grant && orders.grant->local_seq <= kStaleNumbers) orders.grant.reset();
        if (orders.grant) orders.grant->local_seq = own_number(orders.grant->local_seq);
        handler(&own);
    };
}

}  // namespace

Orchestrator::Orchestrator(Surroundings& around, HostClock& clock, std::uint64_t number,
                           DeathHandler died)
    : around_(around),
      clock_(clock),
      number_(number),
      died_(std::move(died)),
      entropy_(around.stage.seed, number),
      draw_(mix64(around.stage.seed) ^ number, "orchestrator"),
      store_(around.store),
      desk_(around.stage, around.objects, around.mutant),
      store_lane_(around.stage, around.objects, around.mutant, number, store_hooks()),
      core_(std::make_unique<Core>(around.cluster, around.settings)) {
    EngineOptions options;
    options.on_reply = [this](const Reply& reply) { on_reply(reply); };
    options.on_committed = [this](const Output& output) {
        if (is_poking_) judge_poke(output);
    };
    options.recorder = around.recorder;
    engine_ = std::make_unique<Engine>(*core_, store_, clock_, entropy_, *this, std::move(options));
}

Orchestrator::~Orchestrator() = default;

StoreLane::Hooks Orchestrator::store_hooks() {
    StoreLane::Hooks hooks;
    hooks.post = [this](InputBody body) { post(std::move(body)); };
    hooks.when_running = [this](std::function<void()> action) { when_running(std::move(action)); };
    hooks.kill = [this] { kill(); };
    hooks.state = [this] { return state(); };
    return hooks;
}

void Orchestrator::start() {
    const Status started = engine_->start();
    HERDER_ASSERT(started.has_value());
    term_ = engine_->term();
    around_.stage.note("server.start", number_, term_.value);
    for (const auto& [id, intent] : core_->state().intents) {
        if (std::holds_alternative<rent::Armed>(intent.phase) ||
            std::holds_alternative<rent::Sent>(intent.phase)) {
            around_.stage.marks.hit(Mark::kFoundIntentsOnTheWire);
        }
    }
    if (around_.mutant == Mutant::kReissueIntents) reissue_open_intents();
    if (around_.mutant == Mutant::kRevivedByRestart) revive_set_aside();
    pump_soon();
}

void Orchestrator::reissue_open_intents() {
    for (const auto& [id, intent] : core_->state().intents) {
        if (!std::holds_alternative<rent::Armed>(intent.phase) &&
            !std::holds_alternative<rent::Sent>(intent.phase)) {
            continue;
        }
        around_.calls.create(
            CreateCall{id, intent.offer.ask, intent.label, intent.bid, intent.disk, "again"},
            into_post());
    }
}

void Orchestrator::kill() {
    if (!is_dead()) die(false);
}

void Orchestrator::die(bool fenced) {
    around_.stage.note(fenced ? "server.fenced" : "server.died", number_, term_.value);
    engine_.reset();
    core_.reset();
    for (auto& waiting : std::exchange(waiting_, {})) {
        around_.stage.schedule.after(milliseconds(50),
                                     [handler = std::move(waiting.second)] { handler(nullptr); });
    }
    died_(fenced);
}

bool Orchestrator::is_frozen() const {
    return around_.stage.now() < frozen_until_;
}

void Orchestrator::freeze(Duration length) {
    around_.stage.note("server.frozen", number_, static_cast<std::uint64_t>(length.us));
    frozen_until_ = around_.stage.now() + length;
}

void Orchestrator::break_connection(ReplyHandler handler) {
    around_.stage.schedule.after(milliseconds(50),
                                 [handler = std::move(handler)] { handler(nullptr); });
}

ReplyTo Orchestrator::expect(ReplyHandler handler) {
    const ReplyTo to = next_reply_++;
    waiting_.emplace(to, std::move(handler));
    return to;
}

void Orchestrator::on_reply(const Reply& reply) {
    const auto found = waiting_.find(reply.to);
    if (found == waiting_.end()) return;
    const ReplyHandler handler = std::move(found->second);
    waiting_.erase(found);
    if (around_.mutant == Mutant::kLatestByTime && reply.body) {
        Result<ReplyBody> body = reply.body;
        auto* orders = std::get_if<reply::Orders>(&*body);
        if (orders != nullptr && orders->orders.assignment)
            choose_by_time(*orders->orders.assignment);
        return handler(&body);
    }
    handler(&reply.body);
}

void Orchestrator::post(InputBody body) {
    const Status posted = engine_->post(std::move(body));
    if (posted) pump_soon();
}

ProviderCalls::Answer Orchestrator::into_post() {
    return [this](InputBody body) {
        when_running([this, body = std::move(body)]() mutable { post(std::move(body)); });
    };
}

ProviderCalls::Answer Orchestrator::once(const std::string& question) {
    return [this, question](InputBody body) {
        when_running([this, question, body = std::move(body)]() mutable {
            asked_.erase(question);
            post(std::move(body));
        });
    };
}

// The planted defect: whoever reports for a job is taken as its current attempt. True if it was
// not.
bool Orchestrator::pass_stale_report(input::AgentReported& in) const {
    const State& state = core_->state();
    const auto intent = state.intents.find(in.report.intent);
    if (intent == state.intents.end() || intent->second.session_hash != in.session_hash)
        return false;
    const auto job = state.jobs.find(intent->second.attempt.job);
    if (job == state.jobs.end() || job->second.fence <= in.report.fence) return false;
    const auto attempt = state.attempts.find({job->first, job->second.fence});
    if (attempt == state.attempts.end()) return false;
    const auto current = state.intents.find(attempt->second.members.at(0).intent);
    if (current == state.intents.end() || current->second.session_hash.empty()) return false;
    in.report.intent = current->first;
    in.report.fence = job->second.fence;
    in.session_hash = current->second.session_hash;
    if (in.report.checkpoint) in.report.checkpoint->local_seq += kStaleNumbers;
    return true;
}

void Orchestrator::report(input::AgentReported in, ReplyHandler handler) {
    arrive(
        [this, in = std::move(in)](ReplyHandler answer) mutable {
            if (around_.mutant == Mutant::kUnfencedCheckpoints && pass_stale_report(in)) {
                answer = in_own_numbers(std::move(answer));
            }
            if (around_.mutant == Mutant::kOneWordCondemns) condemn(in);
            in.reply_to = expect(std::move(answer));
            post(std::move(in));
        },
        std::move(handler));
}

// The planted defect: what was set aside is as good as any other after a restart.
void Orchestrator::revive_set_aside() {
    for (const auto& [id, checkpoint] : core_->state().checkpoints) {
        if (!checkpoint.quarantined || checkpoint.state != CheckpointState::kCommitted) continue;
        input::ChangeCheckpoint change;
        change.checkpoint = id;
        change.verb = input::CheckpointVerb::kVerified;
        change.reply_to = expect([](const Result<ReplyBody>*) {});
        post(std::move(change));
    }
}

// The planted defect: what one machine could not restore counts as damaged.
void Orchestrator::condemn(const input::AgentReported& in) {
    if (!in.report.restore_failed) return;
    input::ChangeCheckpoint change;
    change.checkpoint = *in.report.restore_failed;
    change.verb = input::CheckpointVerb::kDamaged;
    change.reply_to = expect([](const Result<ReplyBody>*) {});
    post(std::move(change));
}

void Orchestrator::poke() {
    if (is_dead() || is_frozen() || is_pumping_ || engine_->is_committing()) return;
    if (engine_->queued() > 0 || engine_->wake_at() <= clock_.monotonic()) return;
    if (!engine_->post(input::TimerFired{})) return;
    is_poking_ = true;
    poked_before_ = engine_->wake_at();
    pump();
    is_poking_ = false;
}

void Orchestrator::judge_poke(const Output& output) {
    is_poking_ = false;  // what follows in the same pump was asked for
    // A second before a limit counts as there, and the timer is set for the limit itself.
    const auto is_limit = [](const Event& event) {
        return event.kind == "job.stopping" &&
               std::count(event.fields.begin(), event.fields.end(),
                          std::pair<std::string, std::string>("reason", "budget")) > 0;
    };
    const bool was_near =
        poked_before_ != kNever && poked_before_ - clock_.monotonic() <= seconds(1);
    if (was_near && std::any_of(output.events.begin(), output.events.end(), is_limit)) return;
    std::string what;
    if (!output.effects.empty()) what = std::to_string(output.effects.size()) + " effects";
    for (const Event& event : output.events) {
        if (!event.row) {
            what += " " + to_text(event);
        } else if (event.row->table != Table::kMeta && !is_waiting_for_money(event)) {
            what += std::string(" ") + herder::to_string(event.row->table) + " " + event.row->key;
        }
    }
    if (what.empty()) return;
    around_.stage.violate("0 no-missing-timer",
                          "a step that no timer had asked for changed something: " + what);
}

// The sentence that says which budget is in the way holds the figures of the moment.
bool Orchestrator::is_waiting_for_money(const Event& event) const {
    const auto job = core_->state().jobs.find(event.job);
    return event.row->table == Table::kJob && job != core_->state().jobs.end() &&
           is_waiting_for_budget(job->second);
}

void Orchestrator::pump_soon() {
    if (pump_is_due_ || is_pumping_) return;
    pump_is_due_ = true;
    around_.stage.schedule.after(milliseconds(2), [this] {
        pump_is_due_ = false;
        when_running([this] { pump(); });
    });
}

void Orchestrator::pump() {
    is_pumping_ = true;
    while (engine_->pump()) {
        if (store_.has_crashed() || is_spinning()) break;
    }
    is_pumping_ = false;
    if (store_.has_crashed()) return die(false);
    if (!engine_->is_leading()) return die(true);
    arm_timer();
}

// A core that wants to be woken again and again without end is a bug that no invariant names.
bool Orchestrator::is_spinning() {
    const std::int64_t minute = around_.stage.now().us / minutes(1).us;
    steps_this_minute_ = minute == steps_minute_ ? steps_this_minute_ + 1 : 1;
    steps_minute_ = minute;
    if (steps_this_minute_ <= kStepsPerMinuteMax) return false;
    around_.stage.violate("0 no-hot-loop", "the core asks to be woken " +
                                               std::to_string(steps_this_minute_) +
                                               " times within one minute");
    return true;
}

void Orchestrator::arm_timer() {
    const Instant wake = clock_.to_true(engine_->wake_at());
    if (wake >= kNever || wake >= timer_at_) return;
    timer_at_ = wake;
    around_.stage.schedule.at(wake, [this, wake] {
        if (timer_at_ != wake) return;
        timer_at_ = kNever;
        when_running([this] { pump(); });
    });
}

void Orchestrator::run(const Effect& effect, Instant logical_now) {
    std::visit(
        [this, logical_now](const auto& call) {
            using T = std::remove_cvref_t<decltype(call)>;
            if constexpr (std::is_same_v<T, effect::CreateMachine>)
                run_create(call);
            else if constexpr (std::is_same_v<T, effect::DestroyMachine>)
                queue_destroy(call);
            else if constexpr (std::is_same_v<T, effect::ListMachines>)
                around_.calls.list(logical_now, into_post());
            else if constexpr (std::is_same_v<T, effect::SearchOffers>)
                search(call);
            else if constexpr (std::is_same_v<T, effect::ReadBootLog>)
                into_post()(input::BootLogRead{call.intent, {}});  // these machines write none
            else if constexpr (std::is_same_v<T, effect::ReadIncreases>)
                read_increases();
            else if constexpr (std::is_same_v<T, effect::ReadMaintenances>)
                read_maintenances(call);
            else if constexpr (std::is_same_v<T, effect::AnswerIncrease>)
                around_.calls.answer_increase(call);
            else if constexpr (std::is_same_v<T, effect::ReadCharges>)
                read_charges(call, logical_now);
            else if constexpr (std::is_same_v<T, effect::WriteManifest> ||
                               std::is_same_v<T, effect::FindOutcome> ||
                               std::is_same_v<T, effect::LookAtRun> ||
                               std::is_same_v<T, effect::DeleteObjects>)
                store_lane_.take(Effect(call));
            else
                static_assert(!sizeof(T), "an effect without a runner");
        },
        effect);
}

// Waits for its turn, then sends once, and only before its deadline by our own clock.
void Orchestrator::run_create(const effect::CreateMachine& create) {
    if (at_next_order_) std::exchange(at_next_order_, nullptr)();
    const Duration turn = milliseconds(draw_.between(5, 3'000));
    around_.stage.schedule.after(turn, [this, create] { queue_create(create); });
}

void Orchestrator::queue_create(const effect::CreateMachine& create) {
    around_.calls.when_create_may_be_sent([this, create](const CallLane::Done& done) {
        if (!is_dead() && !is_frozen()) return send_create(create, done);
        done(false);
        when_running([this, create] { queue_create(create); });
    });
}

void Orchestrator::send_create(const effect::CreateMachine& create, const CallLane::Done& done) {
    const Intent& intent = create.intent;
    const auto* armed = std::get_if<rent::Armed>(&intent.phase);
    HERDER_ASSERT(armed != nullptr);
    if (engine_->logical_now() >= armed->send_before) {
        around_.stage.marks.hit(Mark::kCreateNotSent);
        input::CreateEnded end;
        end.intent = intent.id;
        end.outcome = input::CallOutcome::kRefused;
        end.not_sent = true;
        end.detail = "not sent: its deadline had passed";
        done(false);
        return post(std::move(end));
    }
    post(input::CreateStarted{intent.id});
    around_.calls.create(CreateCall{intent.id, intent.offer.ask, intent.label, intent.bid,
                                    intent.disk, create.join_token},
                         into_post());
    // Whoever waits for an answer of a minute must not keep the others: the call has arrived by
    // then.
    around_.stage.schedule.after(milliseconds(2'500), [done] { done(true); });
}

void Orchestrator::queue_destroy(const effect::DestroyMachine& destroy) {
    destroys_.add(destroy);
    serve_destroys();
}

void Orchestrator::serve_destroys() {
    if (destroys_wait_ || destroys_.empty()) return;
    destroys_wait_ = true;
    around_.calls.when_destroy_may_be_sent([this](const CallLane::Done& done) {
        if (!is_dead() && !is_frozen()) return send_destroys(done);
        done(false);
        when_running([this] {
            destroys_wait_ = false;
            serve_destroys();
        });
    });
}

void Orchestrator::send_destroys(const CallLane::Done& done) {
    destroys_wait_ = false;
    const auto one_by_one = [this](const DestroyBatch& refused) {
        when_running([this, refused] {
            destroys_.refuse_together(refused);
            serve_destroys();
        });
    };
    around_.calls.destroy(destroys_.take(), into_post(), one_by_one, done);
    serve_destroys();
}

// What waits already answers whoever asks the same meanwhile.
void Orchestrator::search(const effect::SearchOffers& search) {
    const std::string kind = search.gpu_name + "/" + std::to_string(search.gpu_count);
    if (is_first(kind)) around_.calls.search(search, once(kind));
}

void Orchestrator::read_charges(const effect::ReadCharges& read, Instant logical_now) {
    if (is_first("charges")) around_.calls.charges(read, logical_now, once("charges"));
}

void Orchestrator::read_increases() {
    if (is_first("increases")) around_.calls.increases(once("increases"));
}

void Orchestrator::read_maintenances(const effect::ReadMaintenances& read) {
    around_.calls.maintenances(read, into_post());
}

Result<std::vector<PartToSend>> Orchestrator::sign_parts(CheckpointId id,
                                                         const CheckpointOrigin& origin,
                                                         const std::vector<LocalFile>& files) {
    if (is_dead() || is_frozen()) return unavailable("nobody answers");
    const auto found = core_->state().checkpoints.find(id);
    const bool is_fenced = around_.mutant != Mutant::kUnfencedCheckpoints;
    const bool is_own = found != core_->state().checkpoints.end() &&
                        (!is_fenced || found->second.attempt == origin.attempt);
    if (!is_own) return not_found("this attempt has no such checkpoint");
    if (found->second.state != CheckpointState::kUploading)
        return Error{ErrorCode::kConflict, "it is not being uploaded any more"};
    around_.objects.begin(found->second, origin);
    if (around_.mutant == Mutant::kPartsFromWorker) {
        for (std::size_t i = 0; i < files.size(); ++i)
            around_.objects.claim(around_.objects.folder_of(found->second) + object_name(i),
                                  cut(files[i], desk_.pieces_per_part()));
    }
    return desk_.sign(found->second, files);
}

// The planted defect: the newest by the server's calendar is restored.
void Orchestrator::choose_by_time(Assignment& assignment) const {
    const State& state = core_->state();
    if (!assignment.resume_from) return;
    const Checkpoint* latest = nullptr;
    for (const auto& [id, checkpoint] : state.checkpoints) {
        const bool may_be = checkpoint.attempt.job == assignment.job && !checkpoint.quarantined &&
                            checkpoint.state == CheckpointState::kCommitted;
        if (may_be && (latest == nullptr || checkpoint.committed_wall > latest->committed_wall))
            latest = &checkpoint;
    }
    if (latest == nullptr) return;
    assignment.resume_from = latest->id;
    assignment.resume_name = latest->name;
    assignment.resume_step = latest->step;
}

}  // namespace herder::sim
