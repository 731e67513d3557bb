#include "worker/job_runner.h"

#include <poll.h>

#include <filesystem>
#include <fstream>
#include <utility>

#include "base/log.h"
#include "protocol/value_json.h"
#include "worker/found_checkpoint.h"

namespace herder {
namespace {

namespace fs = std::filesystem;

constexpr int kScanMs = 100;
constexpr std::int64_t kScansBetweenListings = 10;

}  // namespace

JobRunner::JobRunner(JobFolders folders, LogSpool& spool, CheckpointStaging& staging, Post post,
                     LogSpool::Before before)
    : folders_(std::move(folders)),
      spool_(spool),
      staging_(staging),
      post_(std::move(post)),
      checkpoints_(folders_.run + "/checkpoints.jsonl"),
      metrics_(folders_.run + "/metrics.jsonl") {
    std::error_code ignored;
    if (before == LogSpool::Before::kForget) fs::remove_all(folders_.run, ignored);
    fs::create_directories(folders_.outputs, ignored);
}

JobRunner::~JobRunner() {
    // The end of the command joins the watcher too; only after it may this thread look.
    process_.end();
    watching_ = false;
    if (watcher_.joinable()) watcher_.join();
}

JobProcess::Hooks JobRunner::make_hooks(std::function<void(worker_input::ProcessEnd)> on_end) {
    JobProcess::Hooks hooks;
    hooks.on_output = [this](bool is_stderr, std::string_view text) {
        spool_.append(is_stderr ? "stderr" : "stdout", text);
    };
    hooks.on_end = [this, told = std::move(on_end)](worker_input::ProcessEnd end) {
        spool_.release_held();
        told(std::move(end));
    };
    hooks.clean = [this](const std::string& tail) { return redact(needles_, tail); };
    return hooks;
}

void JobRunner::hide(std::vector<std::string> needles) {
    spool_.hide(needles);
    needles_ = std::move(needles);
}

void JobRunner::start_setup(const Assignment& assignment, std::vector<std::string> env) {
    const Status started = process_.start({assignment.spec.setup, folders_.work, std::move(env)},
                                          make_hooks([this](worker_input::ProcessEnd end) {
                                              post_(worker_input::SetupEnded{std::move(end)});
                                          }));
    if (!started)
        post_(worker_input::SetupEnded{{.exit_code = 127, .detail = started.error().message}});
}

void JobRunner::start_run(const Assignment& assignment, std::vector<std::string> env) {
    std::error_code error;
    fs::create_directories(checkpoint_folder(assignment, folders_), error);
    fs::create_directories(folders_.work, error);
    begin_watch(assignment);
    watching_ = true;
    watcher_ = std::thread([this] { watch_files(); });
    const auto on_end = [this](worker_input::ProcessEnd end) {
        watching_ = false;
        watcher_.join();
        scan_files();
        scan_found(true);
        post_(worker_input::ProcessExited{std::move(end)});
    };
    const Status started =
        process_.start({assignment.spec.run, folders_.work, std::move(env)}, make_hooks(on_end));
    if (!started) on_end({.exit_code = 127, .detail = started.error().message});
}

void JobRunner::watch_files() {
    while (watching_) {
        scan_files();
        if (++scans_ % kScansBetweenListings == 0) scan_found(false);
        ::poll(nullptr, 0, kScanMs);
    }
}

void JobRunner::scan_files() {
    std::optional<std::int64_t> step;
    for (const std::string& line : metrics_.poll()) {
        spool_.append("metrics", line + "\n");
        if (const auto seen = parse_metrics_step(line)) step = std::max(step.value_or(0), *seen);
    }
    if (step) {
        step_ = std::max(step_, *step);
        post_(worker_input::StepSeen{*step});
    }
    scan_announced();
}

void JobRunner::scan_announced() {
    std::optional<CheckpointLine> newest;
    for (const std::string& line : checkpoints_.poll()) {
        has_announced_ = true;
        auto parsed = parse_checkpoint_line(line);
        if (!parsed) {
            say_refused(parsed.error().message);
        } else if (!newest || parsed->step >= newest->step) {
            newest = std::move(*parsed);  // only the newest of several would be published
        }
    }
    if (newest) publish(staging_.stage(*newest, next_seq_));
}

void JobRunner::publish(Result<CheckpointOffer> offer) {
    for (const std::string& remark : staging_.take_remarks())
        spool_.append("agent", remark + "\n");
    if (!offer) {
        log_warn("agent.checkpoint_refused", {{"why", offer.error().message}});
        // One that the job was still at: it is looked at again.
        if (offer.error().code == ErrorCode::kConflict)
            return spool_.append("agent", offer.error().message + "\n");
        return say_refused(offer.error().message);
    }
    ++next_seq_;
    post_(worker_input::CheckpointFound{std::move(*offer)});
}

void JobRunner::begin_watch(const Assignment& assignment) {
    listing_ = FolderListing(checkpoint_folder(assignment, folders_));
    step_ = assignment.resume_from ? assignment.resume_step : 0;
    const auto before = listing_.list();
    // What is not listed may be what makes a checkpoint whole.
    if (!listing_.cut().empty()) return say_cut();
    for (const std::string& moved : move_torn_aside(before, listing_.folder())) {
        spool_.append("agent", "moved aside what was left half written: " + moved + "\n");
        log_warn("agent.torn_moved_aside", {{"what", moved}});
    }
    const auto files = listing_.list();
    has_begun_ = listing_.cut().empty();
    if (has_begun_) watch_.begin(files);
}

void JobRunner::say_cut() {
    if (std::exchange(is_cut_told_, true)) return;
    const std::string why = listing_.cut();
    log_warn("agent.listing_cut", {{"why", why}});
    say_refused("no checkpoint is taken from " + listing_.folder() + ": " + why);
}

void JobRunner::say_refused(const std::string& why) {
    spool_.append("agent", why + "\n");
    post_(
        worker_input::CheckpointRefused{redact(needles_, why).substr(0, AgentReport::kReasonMax)});
}

void JobRunner::scan_found(bool is_last) {
    if (has_announced_) return;
    // At least so much time has passed: a scan waits for the next.
    const Instant now = Instant{} + milliseconds(scans_ * kScanMs);
    const auto files = listing_.list();
    cuts_ = listing_.cut().empty() ? 0 : cuts_ + 1;
    if (cuts_ > 0) {
        // Once may be a folder that the job removed while it was listed.
        if (cuts_ > 1 || is_last) say_cut();
        return;
    }
    if (!std::exchange(has_begun_, true)) return watch_.begin(files);
    const auto found = watch_.look(now, files, is_last);
    for (const std::string& remark : watch_.take_remarks())
        spool_.append("agent", remark + "\n");
    if (!found) return;
    const std::int64_t step = found->step.value_or(std::max<std::int64_t>(step_, 0) + 1);
    step_ = std::max(step_, step);
    publish(staging_.stage_found(listing_.folder(), *found, step, next_seq_));
}

void JobRunner::write_stop_file(EndReason reason, WallTime deadline) {
    protocol::Json document;
    document.set("reason", to_string(reason)).set("deadline", deadline.us / 1'000'000);
    write_fact("stop", document.to_text());
}

void JobRunner::write_fact(const std::string& name, const std::string& text) {
    const std::string path = folders_.run + "/" + name;
    {
        std::ofstream file(path + ".new");
        file << text << "\n";
    }
    std::error_code ignored;
    fs::rename(path + ".new", path, ignored);
}

}  // namespace herder
