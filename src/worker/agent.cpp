#include "worker/agent.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>

#include "base/log.h"
#include "base/random.h"
#include "worker/machine_health.h"
#include "worker/process_tree.h"

namespace herder {
namespace {

constexpr int kExitRefused = 3;
constexpr int kHealthEveryMs = 10'000;
constexpr Duration kShutdownNotice = seconds(8);  // docker stop waits 10 s before SIGKILL

// Whether this process takes the place of one that was killed. Without its session or its journal
// it begins like any other; the server lets it in only if that one has never reported.
std::optional<AgentJournal::Note> open_journal(const AgentJournal& journal,
                                               const AgentSettings& settings) {
    if (settings.life.number == 0) {
        journal.remove();
        return std::nullopt;
    }
    auto note = journal.load();
    std::string why;
    if (!note)
        why = note.error().message;
    else if (note->intent != settings.intent)
        why = "the journal is of another rental";
    else if (settings.life.session.empty())
        why = "the process before had not joined";
    if (why.empty()) return std::move(*note);
    log_warn("agent.journal_unusable", {{"why", why}});
    return std::nullopt;
}

std::vector<std::uint64_t> offered(const std::optional<AgentJournal::Note>& note) {
    std::vector<std::uint64_t> numbers;
    if (!note) return numbers;
    for (const CheckpointOffer& offer : note->memory.offers)
        numbers.push_back(offer.local_seq);
    return numbers;
}

std::string why_resumed(int signal) {
    const char* name = ::sigabbrev_np(signal);
    const std::string called = name != nullptr ? " (SIG" + std::string(name) + ")" : "";
    const std::string often =
        signal == SIGKILL ? ", as the kernel does when the machine's memory is full" : "";
    return "the agent on the machine was ended by signal " + std::to_string(signal) + called +
           often + "; its job ended with it, and what was saved was sent";
}

}  // namespace

Agent::Agent(AgentSettings settings, DeadManLink switch_link, const MachineClock& clock)
    : settings_(std::move(settings)),
      switch_(std::move(switch_link)),
      clock_(clock),
      folders_(settings_.home),
      journal_(settings_.home + "/journal", settings_.dead_man.word),
      before_(open_journal(journal_, settings_)),
      wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      secrets_({"/dev/shm", "/run", "/tmp"}, settings_.home + "/secrets"),
      staging_(folders_.staging, offered(before_)),
      spool_(
          folders_.spool, LogSpool::kLimit, [&clock] { return clock.monotonic(); },
          before_ ? LogSpool::Before::kGoOn : LogSpool::Before::kForget),
      link_(settings_.urls, settings_.pin) {}

void Agent::post(WorkerInput input) {
    {
        const std::lock_guard lock(mutex_);
        inputs_.push_back(std::move(input));
    }
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto ignored = ::write(wake_fd_, &one, sizeof one);
}

Result<protocol::JoinResponse> Agent::join(int signal_fd) {
    protocol::JoinRequest request;
    request.agent_version = settings_.version;
    request.intent = settings_.intent;
    request.token = settings_.join_token;
    request.contract = {std::atoll(settings_.dead_man.instance.c_str())};
    for (int tries = 0;; ++tries) {
        auto joined = link_.join(request);
        if (joined) return joined;
        log_warn("agent.join_failed", {{"why", joined.error().message}});
        const ErrorCode code = joined.error().code;
        if (code != ErrorCode::kUnavailable && code != ErrorCode::kTimedOut &&
            code != ErrorCode::kRateLimited) {
            return joined;
        }
        const int base = 500 << std::min(tries, 5);
        const auto jitter = mix64(settings_.intent.value + static_cast<std::uint64_t>(tries));
        pollfd waiting{signal_fd, POLLIN, 0};
        if (::poll(&waiting, 1, base / 2 + static_cast<int>(jitter % 1000)) > 0) return joined;
    }
}

Result<WorkerInput> Agent::begin(int signal_fd) {
    if (before_) return resume();
    const auto joined = join(signal_fd);
    if (!joined) return joined.error();
    switch_.keep_session(joined->session_key);
    note_ = {settings_.intent, joined->storage_roots, {}};
    log_info("agent.joined", {{"job", to_text(joined->job)}});
    return WorkerInput(worker_input::Started{settings_.intent, joined->fence, settings_.version,
                                             clock_.monotonic() - settings_.container_began});
}

WorkerInput Agent::resume() {
    note_ = *before_;
    link_.resume(settings_.life.session, note_.storage_roots);
    assignment_ = note_.memory.assignment;
    for (const CheckpointOffer& offer : note_.memory.offers)
        staged_[offer.local_seq] = offer.files;
    const std::string why = why_resumed(settings_.life.ended_by);
    log_warn("agent.resumed", {{"signal", std::to_string(settings_.life.ended_by)},
                               {"checkpoints", std::to_string(note_.memory.offers.size())}});
    spool_.append("agent", why + "\n");
    return worker_input::Resumed{settings_.intent,
                                 settings_.version,
                                 clock_.monotonic() - settings_.container_began,
                                 static_cast<std::uint64_t>(settings_.life.number),
                                 why,
                                 note_.memory};
}

void Agent::connect() {
    const auto to_brain = [this](WorkerInput input) { post(std::move(input)); };
    logs_.emplace(spool_, link_, [this] { return clock_.monotonic(); });
    transfers_.emplace(
        link_, *logs_, staging_,
        Transfers::Places{
            .folders = folders_, .home = settings_.home, .variables = settings_.cache_variables});
    sync_.emplace(link_, clock_, to_brain);
    transfers_->connect({[this] { return sync_->newest(); }, to_brain,
                         [this](const auto& given) { return take_secrets(given); },
                         [this](const auto& line) { spool_.append("agent", line + "\n"); }});
    job_.emplace(folders_, spool_, staging_, to_brain,
                 before_ ? LogSpool::Before::kGoOn : LogSpool::Before::kForget);
    if (assignment_) transfers_->resume(*assignment_, note_.memory.offers);
    measuring_ = true;
    health_thread_ = std::thread([this] { measure_health(); });
}

int Agent::run(int signal_fd) {
    become_subreaper();
    auto first = begin(signal_fd);
    if (!first) {
        log_error("agent.refused", {{"why", first.error().message}});
        return kExitRefused;
    }
    connect();
    post(std::move(*first));
    while (!left_) {
        const auto input = next_input(signal_fd);
        if (input) remember(*input);
        if (input) note_stop(*input);
        for (const WorkerAction& action :
             brain_.step(clock_.monotonic(), input.value_or(worker_input::TimerFired{}))) {
            std::visit([this](const auto& body) { carry_out(body); }, action);
        }
        write_journal();
    }
    measuring_ = false;
    health_thread_.join();
    logs_->flush(seconds(2));
    probe_.reset();
    transfers_.reset();  // its last task may still need both of these
    sync_.reset();
    job_.reset();
    logs_.reset();
    journal_.remove();
    log_info("agent.left");
    return 0;
}

void Agent::write_journal() {
    const auto mark = brain_.memory_mark();
    if (mark == noted_) return;
    noted_ = mark;
    note_.memory = brain_.memory();
    const Status written = journal_.save(note_);
    if (!written) log_warn("agent.journal_failed", {{"why", written.error().message}});
}

std::optional<WorkerInput> Agent::next_input(int signal_fd) {
    {
        const std::lock_guard lock(mutex_);
        if (!inputs_.empty()) {
            WorkerInput input = std::move(inputs_.front());
            inputs_.pop_front();
            return input;
        }
    }
    const Duration wait = clock_.real(brain_.wake_at() - clock_.monotonic());
    const auto ms = std::clamp<std::int64_t>((wait.us + 999) / 1000, 0, 3'600'000);
    std::array<pollfd, 2> fds{{{wake_fd_, POLLIN, 0}, {signal_fd, POLLIN, 0}}};
    ::poll(fds.data(), fds.size(), static_cast<int>(ms));
    if (fds[0].revents != 0) {
        std::uint64_t count = 0;
        [[maybe_unused]] const auto ignored = ::read(wake_fd_, &count, sizeof count);
    }
    signalfd_siginfo info{};
    if (fds[1].revents != 0 && ::read(signal_fd, &info, sizeof info) == sizeof info) {
        return worker_input::ShutdownNotice{kShutdownNotice};
    }
    return std::nullopt;
}

void Agent::remember(const WorkerInput& input) {
    if (const auto* found = std::get_if<worker_input::CheckpointFound>(&input)) {
        staged_[found->offer.local_seq] = found->offer.files;
        pace_.found(clock_.monotonic());
    }
    if (std::holds_alternative<worker_input::SetupEnded>(input)) transfers_->note_setup_over();
    const auto* ended = std::get_if<worker_input::UploadEnded>(&input);
    if (ended != nullptr && ended->uploaded) note_upload();
}

// A job that has ended by itself gets no stop file; its last checkpoint may still be under way.
void Agent::note_stop(const WorkerInput& input) {
    const auto* heard = std::get_if<worker_input::OrdersReceived>(&input);
    const bool is_told = heard != nullptr && heard->orders.desired == DesiredState::kStop;
    if (is_told || std::holds_alternative<worker_input::ShutdownNotice>(input))
        link_.turns().stop();
}

// The job's SDK spaces its saves by it (every: auto).
void Agent::note_upload() {
    const auto warning = pace_.upload_ended(clock_.monotonic());
    if (warning) spool_.append("agent", *warning + "\n");
    const auto took = pace_.last_upload();
    if (took)
        job_->write_fact("upload_seconds", std::to_string(clock_.real(*took).whole_seconds() + 1));
}

Status Agent::take_secrets(const protocol::SecretsResponse& given) {
    std::vector<std::string> values;
    for (const protocol::GivenSecret& secret : given.secrets)
        values.push_back(secret.value);
    job_->hide(needles_of(values));
    return secrets_.place(given.secrets);
}

void Agent::measure_health() {
    HealthMeter meter(settings_.home);
    for (int waited = kHealthEveryMs; measuring_; waited += 200) {
        if (waited >= kHealthEveryMs) {
            post(worker_input::HealthSeen{meter.measure()});
            waited = 0;
        }
        ::poll(nullptr, 0, 200);
    }
}

std::vector<std::string> Agent::job_env(const Assignment& assignment,
                                        std::optional<Instant> until) {
    JobFacts facts;
    facts.resume_path = transfers_->resume_path();
    facts.server_env = server_env_;
    facts.secrets_folder = secrets_.folder();
    facts.secrets = secrets_.variables();
    if (until && *until < kNever) {
        facts.deadline = clock_.wall() + clock_.real(*until - clock_.monotonic());
    }
    return make_job_environment(settings_.machine_env, assignment, folders_, facts);
}

void Agent::carry_out(const worker_action::SendReport& action) {
    sync_->send(action.report);
}
void Agent::carry_out(const worker_action::StartAdmission& action) {
    probe_.emplace(link_, clock_, settings_.home);
    probe_->start(
        action.test, [this] { return sync_->newest(); },
        [this](WorkerInput input) { post(std::move(input)); });
}
void Agent::carry_out(const worker_action::StartRestore& action) {
    assignment_ = action.assignment;
    // The answer that brought the assignment also brought what belongs to it.
    auto gifts = sync_->newest();
    server_env_ = gifts.job_env;
    transfers_->restore(action.assignment, std::move(gifts));
}
void Agent::carry_out(const worker_action::StartSetup& action) {
    job_->start_setup(action.assignment, job_env(action.assignment, std::nullopt));
}
void Agent::carry_out(const worker_action::StartRun& action) {
    job_->start_run(action.assignment, job_env(action.assignment, action.run_until));
}
void Agent::carry_out(const worker_action::WriteStopFile& action) {
    log_info("agent.stopping", {{"reason", to_string(action.reason)}});
    link_.turns().stop();
    job_->write_stop_file(action.reason,
                          clock_.wall() + clock_.real(action.deadline - clock_.monotonic()));
}
void Agent::carry_out(const worker_action::SignalJob& action) {
    switch (action.signal) {
        case worker_action::StopSignal::kSoft:
            return job_->process().signal_soft(assignment_->spec.checkpoint.stop_signal);
        case worker_action::StopSignal::kTerm:
            return job_->process().signal_term();
    }
}
void Agent::carry_out(const worker_action::KillEverything&) {
    transfers_->cancel_restore();
    job_->process().kill_everything();
}
void Agent::carry_out(const worker_action::Upload& action) {
    pace_.upload_began(clock_.monotonic());
    transfers_->upload(action.grant, staged_[action.grant.local_seq]);
}
void Agent::carry_out(const worker_action::DiscardCheckpoint& action) {
    transfers_->give_up_upload(action.local_seq);
    staged_.erase(action.local_seq);
    staging_.discard(action.local_seq);
}
void Agent::carry_out(const worker_action::StoreOutcome& action) {
    const auto outputs = assignment_ ? assignment_->spec.outputs : std::vector<std::string>{};
    transfers_->store_outcome(action.outcome, outputs,
                              clock_.real(action.give_up - clock_.monotonic()));
}
void Agent::carry_out(const worker_action::TouchDeadMan& action) {
    switch_.touch(action.dead_man_after);
}
void Agent::carry_out(const worker_action::DestroySelf&) {
    if (settings_.dead_man.instance.empty()) return;
    const Status destroyed = destroy_machine(settings_.dead_man);
    log_warn("agent.destroy_self",
             {{"result", destroyed ? "accepted" : destroyed.error().message}});
}
void Agent::carry_out(const worker_action::Leave&) {
    left_ = true;
}

}  // namespace herder
