#include "worker/transfers.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/bytes.h"
#include "base/confined_path.h"
#include "base/digest.h"
#include "base/log.h"
#include "core/worker/missing_outputs.h"
#include "protocol/agent_paths.h"
#include "protocol/report_json.h"
#include "worker/archive.h"
#include "worker/checkpoint_fetch.h"
#include "worker/found_checkpoint.h"
#include "worker/job_data.h"
#include "worker/output_hashing.h"
#include "worker/persist.h"

namespace herder {
namespace {

namespace fs = std::filesystem;

constexpr int kRestoreTries = 8;
constexpr int kUploadTries = 4;
// Of a notice, for logs before the outputs. A server that does not answer signs no outputs either.
constexpr Duration kStopLogsLimit = seconds(10);
// For outputs, however late it is: one that fails once is tried again.
constexpr Duration kOutputsPatienceMin = minutes(1);
constexpr char kUploadRateMax[] = "HERDER_UPLOAD_RATE_MAX";

// The hash that names a stored archive: ".../<64 hex>.tar.gz".
std::string hash_in_name(const std::string& object) {
    const std::string name = object.substr(object.rfind('/') + 1);
    return name.substr(0, 64);
}

// Whether another machine could do better.
worker_input::RestoreResult result_of(ErrorCode code) {
    using worker_input::RestoreResult;
    if (code == ErrorCode::kNotFound || code == ErrorCode::kInvalid)
        return RestoreResult::kUnusable;
    return code == ErrorCode::kNoCapacity ? RestoreResult::kDiskFull : RestoreResult::kFailed;
}

// Of other checkpoints, whole or not: their room is needed.
void forget_other_restores(const std::string& folder, const std::string& name) {
    std::error_code error;
    std::vector<fs::path> others;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        const std::string found = it->path().filename().string();
        if (found != name && found != name + ".pieces") others.push_back(it->path());
    }
    for (const fs::path& other : others)
        fs::remove_all(other, error);
}

std::string name_of_restored(const Assignment& assignment) {
    return is_confined_path(assignment.resume_name) ? assignment.resume_name : "checkpoint";
}

// Whether setup may begin before the checkpoint is there.
bool may_run_beside(const std::string& setup) {
    return !setup.empty() && setup.find(kResumeVariable) == std::string::npos;
}

}  // namespace

Transfers::Transfers(ServerLink& link, LogShipper& logs, CheckpointStaging& staging, Places places)
    : link_(link), logs_(logs), staging_(staging), places_(std::move(places)), thread_([this] {
          loop();
      }) {}

Transfers::~Transfers() {
    cancel_restore();
    stop_.cancel();
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        if (upload_) upload_->give_up();
        if (outputs_ != nullptr) outputs_->give_up();
    }
    changed_.notify_all();
    thread_.join();
}

void Transfers::connect(Hooks hooks) {
    hooks_ = std::move(hooks);
}

void Transfers::enqueue(std::function<void()> task) {
    {
        const std::lock_guard lock(mutex_);
        tasks_.push_back(std::move(task));
    }
    changed_.notify_all();
}

void Transfers::loop() {
    while (true) {
        std::function<void()> task;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
            if (stopping_) return;
            task = std::move(tasks_.front());
            tasks_.pop_front();
        }
        task();
    }
}

Status Transfers::persist(const std::function<Status()>& call, const http::CancelToken* cancel,
                          int tries) {
    return herder::persist(call, {tries, (cancel != nullptr ? *cancel : stop_).descriptor()});
}

void Transfers::restore(const Assignment& assignment, protocol::SyncResponse gifts) {
    // Shared with cancel_restore(), see the member.
    auto cancel = std::make_shared<http::CancelToken>();
    {
        const std::lock_guard lock(mutex_);
        restore_cancel_ = cancel;
    }
    enqueue([this, assignment, cancel, gifts = std::move(gifts)] {
        auto ended = run_restore(assignment, gifts, *cancel);
        if (cancel->is_cancelled()) return;
        if (ended.result != worker_input::RestoreResult::kOk) {
            log_warn("agent.restore_failed", {{"why", ended.detail}});
        }
        hooks_.post(std::move(ended));
    });
}

void Transfers::cancel_restore() {
    {
        const std::lock_guard lock(mutex_);
        if (restore_cancel_) restore_cancel_->cancel();
    }
    changed_.notify_all();
}

void Transfers::note_setup_over() {
    {
        const std::lock_guard lock(mutex_);
        is_setup_over_ = true;
    }
    changed_.notify_all();
}

bool Transfers::is_setup_over() const {
    const std::lock_guard lock(mutex_);
    return is_setup_over_;
}

bool Transfers::await_setup(const http::CancelToken& cancel) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return is_setup_over_ || cancel.is_cancelled(); });
    return !cancel.is_cancelled();
}

std::string Transfers::resume_path() const {
    const std::lock_guard lock(mutex_);
    return resume_path_;
}

void Transfers::limit_uploads(const JobSpec& spec) {
    const auto wish = spec.env.find(kUploadRateMax);
    if (wish == spec.env.end()) return;
    const auto rate = parse_bytes(wish->second);
    if (rate && rate->count > 0) return link_.limit_uploads(*rate);
    hooks_.say(std::string(kUploadRateMax) + " is '" + wish->second +
               "', which is no size as 50MB; uploads are not held back");
}

worker_input::RestoreEnded Transfers::run_restore(const Assignment& assignment,
                                                  const protocol::SyncResponse& gifts,
                                                  const http::CancelToken& cancel) {
    const auto failed = [](const Error& error) {
        return worker_input::RestoreEnded{result_of(error.code), error.message};
    };
    limit_uploads(assignment.spec);
    std::optional<LinkTurns::Turn> turn;
    turn.emplace(link_.turns(), TransferClass::kCheckpoint);
    const Status files = fetch_files(assignment, gifts, cancel);
    if (!files) return failed(files.error());
    if (!assignment.resume_from) return {};
    if (!gifts.restore || gifts.restore->checkpoint != *assignment.resume_from) {
        return failed(internal("the server named no files of the checkpoint to resume from"));
    }
    const bool is_beside_setup = may_run_beside(assignment.spec.setup);
    if (is_beside_setup) hooks_.post(worker_input::FilesReady{});
    auto fetched = fetch_checkpoint(assignment, *gifts.restore, cancel);
    turn.reset();
    const bool may_come = fetched.result == worker_input::RestoreResult::kOk ||
                          fetched.result == worker_input::RestoreResult::kCorrupt;
    if (!may_come && is_beside_setup && !is_setup_over() && !cancel.is_cancelled())
        hooks_.say(fetched.detail + "; setup is ended, for the job cannot begin");
    if (fetched.result != worker_input::RestoreResult::kOk) return fetched;
    // What setup does to the folder that the checkpoint belongs into shall not hit it.
    if (is_beside_setup && !await_setup(cancel)) return fetched;
    return place_checkpoint(assignment);
}

Status Transfers::fetch_files(const Assignment& assignment, const protocol::SyncResponse& gifts,
                              const http::CancelToken& cancel) {
    // All of it is there since the restore before, and setup may have changed it.
    if (is_setup_over()) return ok();
    std::error_code error;
    for (const std::string* folder : {&places_.folders.work, &places_.folders.outputs,
                                      &places_.folders.sdk, &places_.folders.restored}) {
        fs::create_directories(*folder, error);
        if (error) return unavailable("making folder " + *folder + ": " + error.message());
    }
    if (!assignment.spec.secrets.empty()) {
        const Status fetched = fetch_secrets(cancel);
        if (!fetched) return fetched;
    }
    const bool is_archive = assignment.spec.workdir_object.ends_with(".tar.gz");
    if (is_archive) {
        const Status fetched =
            fetch_archive(gifts.workdir_url, hash_in_name(assignment.spec.workdir_object),
                          places_.folders.work, cancel);
        if (!fetched) return fetched.error().with_context("the work folder");
    }
    const auto cache = open_cache(assignment.spec);
    Status data = JobData(link_, places_.folders, hooks_.say)
                      .fetch({assignment.spec, gifts, cancel, places_.home, cache.get()});
    if (!data || gifts.sdk_sha256.empty()) return data;
    return fetch_archive(protocol::kAgentFiles + gifts.sdk_sha256, gifts.sdk_sha256,
                         places_.folders.sdk, cancel)
        .with_context("the SDK");
}

std::unique_ptr<DataCache> Transfers::open_cache(const JobSpec& spec) const {
    if (spec.inputs.empty() && spec.workdir_object.empty()) return nullptr;
    auto variables = spec.env;
    variables.insert(places_.variables.begin(), places_.variables.end());
    // The cache must not take what the job was promised, whichever of its machines this is.
    Bytes disk;
    for (const ResourceRequest& request : spec.any_of)
        disk = std::max(disk, request.disk);
    return DataCache::open(variables, {places_.home, disk}, hooks_.say);
}

worker_input::RestoreEnded Transfers::fetch_checkpoint(const Assignment& assignment,
                                                       const protocol::RestorePlan& plan,
                                                       const http::CancelToken& cancel) {
    using worker_input::RestoreResult;
    const std::string name = name_of_restored(assignment);
    forget_other_restores(places_.folders.restored, name);
    const std::string folder = places_.folders.restored + "/" + name;
    CheckpointFetch fetch(
        link_, cancel,
        {[&](std::size_t file) { return url_of(plan, file); }, hooks_.say, places_.piece_size});
    const Status fetched = fetch.run(plan, folder);
    if (!fetched) {
        const ErrorCode code = fetched.error().code;
        const bool corrupt = code == ErrorCode::kCorrupt || code == ErrorCode::kNotFound;
        const std::string why = "the checkpoint " + name + ": " + fetched.error().message;
        if (corrupt) hooks_.say(why + "; the one before it is asked for");
        return {corrupt ? RestoreResult::kCorrupt : result_of(code), why};
    }
    return {};
}

worker_input::RestoreEnded Transfers::place_checkpoint(const Assignment& assignment) {
    const std::string name = name_of_restored(assignment);
    const auto placed = put_back_found(places_.folders.restored + "/" + name,
                                       checkpoint_folder(assignment, places_.folders));
    if (!placed) {
        return {result_of(placed.error().code),
                "the checkpoint " + name + ": " + placed.error().message};
    }
    const std::lock_guard lock(mutex_);
    resume_path_ = *placed;
    return {};
}

std::string Transfers::url_of(const protocol::RestorePlan& plan, std::size_t file) const {
    const auto newest = hooks_.newest().restore;
    const bool fresh = newest && newest->checkpoint == plan.checkpoint &&
                       newest->files.size() == plan.files.size();
    return fresh ? newest->files[file].url : plan.files[file].url;
}

Status Transfers::fetch_secrets(const http::CancelToken& cancel) {
    return persist(
        [&]() -> Status {
            const auto given = link_.secrets();
            if (!given) return given.error();
            return hooks_.on_secrets(*given);
        },
        &cancel, kRestoreTries);
}

Status Transfers::fetch_archive(const std::string& url, const std::string& sha256,
                                const std::string& folder, const http::CancelToken& cancel) {
    const std::string path = places_.home + "/fetched.tar.gz";
    Status fetched = persist(
        [&]() -> Status {
            Sha256Stream digest;
            Status read =
                link_.download({url, path, &cancel, [&](std::string_view p) { digest.update(p); }});
            if (!read) return read;
            const std::string found = digest.finish_hex();
            if (found == sha256) return ok();
            return Error{ErrorCode::kCorrupt,
                         "the archive's SHA-256 is " + found + ", not " + sha256};
        },
        &cancel, kRestoreTries);
    if (!fetched) return fetched;
    const Status unpacked = unpack_archive(path, folder);
    std::error_code ignored;
    fs::remove(path, ignored);
    return unpacked;
}

void Transfers::resume(const Assignment& assignment, std::vector<CheckpointOffer> offers) {
    enqueue([this, spec = assignment.spec, offers = std::move(offers)] {
        limit_uploads(spec);
        for (const CheckpointOffer& offer : offers) {
            const Status adopted = staging_.adopt(offer);
            if (adopted) continue;
            log_warn("agent.staged_lost", {{"why", adopted.error().message}});
            hooks_.say(adopted.error().message);
        }
    });
}

void Transfers::upload(const UploadGrant& grant, const std::vector<CheckpointFile>& files) {
    auto upload = std::make_shared<CheckpointUpload>(
        CheckpointUpload::Parts{link_, staging_, hooks_.newest, stop_, hooks_.say});
    {
        const std::lock_guard lock(mutex_);
        upload_ = upload;
        upload_seq_ = grant.local_seq;
    }
    enqueue([this, grant, files, upload, urls = hooks_.newest().upload_urls] {
        hooks_.post(upload->run(grant, files, urls));
    });
}

void Transfers::give_up_upload(std::uint64_t local_seq) {
    const std::lock_guard lock(mutex_);
    if (upload_ && upload_seq_ == local_seq) upload_->give_up();
}

void Transfers::store_outcome(const AttemptOutcome& outcome,
                              const std::vector<std::string>& outputs, Duration limit) {
    enqueue([this, outcome, outputs, limit] {
        const FoundOutputs found = find_outputs(outputs);
        const std::string left_out = tell_left_out(found);
        OutputHashing hashing(found.files);
        if (link_.turns().is_stopping()) logs_.flush(std::min(limit, kStopLogsLimit));
        OutputUpload::Sent sent = store_outputs(found.files, limit);
        if (!left_out.empty()) sent.why += (sent.why.empty() ? "" : "; ") + left_out;
        if (!sent.why.empty()) log_warn("agent.outputs_failed", {{"why", sent.why}});
        logs_.flush(std::min(limit, seconds(30)));
        const Status stored = store_outcome_text(with_missing_outputs(outcome, sent.why));
        if (!stored) log_warn("agent.outcome_failed", {{"why", stored.error().message}});
        const bool is_worth_another = !sent.status && may_pass(sent.status.error().code);
        // Behind the outcome: that must not wait for them.
        if (sent.status || is_worth_another) tell_hashes(hashing.finish(), sent.missing);
        hooks_.post(worker_input::OutcomeStored{stored && !is_worth_another, sent.why});
    });
}

// What is named and is not among them is told to the job, once.
FoundOutputs Transfers::find_outputs(const std::vector<std::string>& patterns) {
    FoundOutputs found = find_output_files(places_.folders.work, patterns, places_.folders.outputs);
    if (std::exchange(are_outputs_told_, true)) return found;
    for (const std::string& pattern : found.unmatched)
        hooks_.say("outputs: '" + pattern + "' names no file in the work folder");
    for (const std::string& line : {tell_renamed(found), tell_left_out(found)})
        if (!line.empty()) hooks_.say(line);
    return found;
}

Status Transfers::store_outcome_text(const AttemptOutcome& outcome) {
    const std::string url = hooks_.newest().outcome_url;
    if (url.empty()) return unavailable("the server has given no URL for the outcome yet");
    return persist([&] { return link_.upload_text(url, protocol::to_json(outcome)); }, nullptr,
                   kUploadTries);
}

OutputUpload::Sent Transfers::store_outputs(const std::vector<OutputFile>& files, Duration limit) {
    const OutputPatience::Limits patience{std::max(limit, kOutputsPatienceMin),
                                          places_.outputs_in_stop};
    OutputUpload upload({link_, hooks_.newest, stop_, hooks_.say, patience, outputs_memory_});
    const auto set_under_way = [this](OutputUpload* now) {
        const std::lock_guard lock(mutex_);
        outputs_ = now;
        if (stopping_ && now != nullptr) now->give_up();
    };
    set_under_way(&upload);
    OutputUpload::Sent sent = upload.run(files);
    set_under_way(nullptr);
    return sent;
}

// The files are there without it; whoever fetches them cannot compare them then.
void Transfers::tell_hashes(protocol::OutputHashes hashes, const std::set<std::string>& missing) {
    for (const std::string& name : missing)
        hashes.erase(name);
    if (hashes.empty()) return;
    const Status told = persist([&] { return link_.tell_outputs(protocol::to_text(hashes)); },
                                nullptr, kUploadTries);
    if (!told) log_warn("agent.hashes_failed", {{"why", told.error().message}});
}

}  // namespace herder
