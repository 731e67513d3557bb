#include "engine/artifact_runner.h"

#include <array>
#include <chrono>
#include <cstdio>

#include "base/digest.h"
#include "base/log.h"
#include "engine/upload_completion.h"

namespace herder {

namespace {

constexpr std::size_t kOutcomeSizeMax = 64 * 1024;
constexpr std::size_t kUploadsMax = 10'000;
// Long enough for half a terabyte over the slowest link that a machine may have.
constexpr Duration kUploadAgeMax = days(7);
constexpr Duration kSweepEvery = hours(1);
constexpr std::chrono::hours kSweepInterval{1};

bool is_ours(const Effect& effect) {
    return std::holds_alternative<effect::WriteManifest>(effect) ||
           std::holds_alternative<effect::DeleteObjects>(effect) ||
           std::holds_alternative<effect::FindOutcome>(effect);
}

}  // namespace

std::string object_name(std::size_t index) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "o/%04zu", index);
    return text.data();
}

ArtifactRunner::ArtifactRunner(ObjectStore& store, Hooks hooks)
    : store_(store), hooks_(std::move(hooks)), thread_([this] { loop(); }) {}

ArtifactRunner::~ArtifactRunner() {
    stop();
}

void ArtifactRunner::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        effects_.clear();
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

bool ArtifactRunner::take(const Effect& effect) {
    if (!is_ours(effect)) return false;
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return true;
        effects_.push_back(effect);
    }
    changed_.notify_all();
    return true;
}

void ArtifactRunner::loop() {
    WallTime next_sweep;
    while (true) {
        std::optional<Effect> effect;
        {
            std::unique_lock lock(mutex_);
            const auto is_called = [this] { return stopping_ || !effects_.empty(); };
            if (next_sweep != WallTime{}) changed_.wait_for(lock, kSweepInterval, is_called);
            if (stopping_) return;
            if (!effects_.empty()) {
                effect = std::move(effects_.front());
                effects_.pop_front();
            }
        }
        if (effect) run(*effect);
        const WallTime now = hooks_.store_now ? hooks_.store_now() : WallTime{1};
        if (now < next_sweep) continue;
        sweep_uploads();
        next_sweep = now + kSweepEvery;
    }
}

void ArtifactRunner::run(const Effect& effect) {
    if (const auto* manifest = std::get_if<effect::WriteManifest>(&effect)) {
        write_manifest(*manifest);
    } else if (const auto* deletion = std::get_if<effect::DeleteObjects>(&effect)) {
        delete_objects(*deletion);
    } else if (const auto* outcome = std::get_if<effect::FindOutcome>(&effect)) {
        find_outcome(*outcome);
    }
}

Result<bool> ArtifactRunner::check_objects(const effect::WriteManifest& effect) {
    const Checkpoint& checkpoint = effect.checkpoint;
    bool is_verified = true;
    for (std::size_t i = 0; i < checkpoint.files.size(); ++i) {
        const std::string key = hooks_.checkpoint_key(effect.team, checkpoint, object_name(i));
        const auto checked = check_object(key, checkpoint.files[i]);
        if (!checked) return checked.error().with_context("object " + key);
        is_verified = is_verified && *checked;
    }
    return is_verified;
}

Result<bool> ArtifactRunner::check_object(const std::string& key, const CheckpointFile& file) {
    Result<ObjectInfo> info = store_.head(key);
    const bool is_missing = !info && info.error().code == ErrorCode::kNotFound;
    bool is_verified = false;
    if (is_missing && store_.multipart() != nullptr) {
        const auto completed = complete_object(store_, key, file);
        if (!completed) return completed.error();
        is_verified = *completed;
        info = store_.head(key);
    }
    if (!info) return info.error();
    if (info->size != file.size) return Error{ErrorCode::kCorrupt, "it has the wrong size"};
    if (info->crc32c && *info->crc32c != file.crc32c) {
        return Error{ErrorCode::kCorrupt, "it has the wrong checksum"};
    }
    return is_verified || info->crc32c.has_value();
}

void ArtifactRunner::abort_uploads(const std::string& prefix) {
    MultipartUploads* uploads = store_.multipart();
    if (uploads == nullptr) return;
    const auto pending = uploads->pending(prefix, kUploadsMax);
    if (!pending) return;  // the sweep comes again
    for (const PendingUpload& upload : *pending)
        (void)uploads->abort(upload);
}

// What was begun and never finished: its parts are invisible, but are paid for.
void ArtifactRunner::sweep_uploads() {
    MultipartUploads* uploads = store_.multipart();
    if (uploads == nullptr || !hooks_.store_now) return;
    const auto pending = uploads->pending("v1/", kUploadsMax);
    if (!pending) return;
    for (const PendingUpload& upload : *pending) {
        if (upload.started + kUploadAgeMax > hooks_.store_now()) continue;
        const Status aborted = uploads->abort(upload);
        if (aborted) log_info("storage.upload_given_up", {{"key", upload.key}});
    }
}

namespace {

// Only what was learnt about the objects speaks against a checkpoint. Credentials that ended or a
// store that does not answer say nothing about it.
bool is_about_objects(ErrorCode code) {
    return code == ErrorCode::kNotFound || code == ErrorCode::kCorrupt;
}

}  // namespace

Status ArtifactRunner::record_job(const effect::WriteManifest& effect) {
    const JobId job = effect.checkpoint.attempt.job;
    if (!hooks_.job_record || recorded_.contains(job)) return ok();
    const Status put =
        store_.put(hooks_.job_record_key(effect.team, job), hooks_.job_record(job), true);
    const bool is_there = !put && put.error().code == ErrorCode::kConflict;
    if (!put && !is_there) return put.error().with_context("the record of the job");
    recorded_.insert(job);
    return ok();
}

void ArtifactRunner::write_manifest(const effect::WriteManifest& effect) {
    input::ManifestWritten written;
    written.checkpoint = effect.checkpoint.id;
    auto objects = check_objects(effect);
    if (objects) {
        if (const Status recorded = record_job(effect); !recorded) {
            written.outcome = input::CallOutcome::kUnknown;
            written.detail = recorded.error().message;
            return hooks_.post(written);
        }
    }
    if (!objects) {
        written.outcome = is_about_objects(objects.error().code) ? input::CallOutcome::kRefused
                                                                 : input::CallOutcome::kUnknown;
        written.detail = objects.error().message;
        return hooks_.post(written);
    }
    written.verified = *objects;
    const std::string text = hooks_.manifest_text(effect.checkpoint, effect.commit_seq);
    const std::string key = hooks_.checkpoint_key(effect.team, effect.checkpoint, "manifest.json");
    const Status put = store_.put(key, text, true);
    written.manifest_sha256 = sha256_hex(text);
    written.outcome = input::CallOutcome::kDone;
    if (!put && put.error().code == ErrorCode::kConflict) {
        // Written by this process or the one before, with the answer lost: it must say the same.
        const Result<std::string> there = store_.get(key, text.size() + 1);
        if (!there) {
            written.outcome = input::CallOutcome::kUnknown;
            written.detail = there.error().message;
        } else if (*there != text) {
            written.outcome = input::CallOutcome::kRefused;
            written.detail = "another manifest is already there";
        }
    } else if (!put) {
        written.outcome = input::CallOutcome::kUnknown;
        written.detail = put.error().message;
    }
    hooks_.post(written);
}

void ArtifactRunner::delete_objects(const effect::DeleteObjects& effect) {
    // The manifest first: without it the rest is nothing.
    bool done = true;
    const auto remove = [&](const std::string& object) {
        const Status removed =
            store_.remove(hooks_.checkpoint_key(effect.team, effect.checkpoint, object));
        if (!removed && removed.error().code != ErrorCode::kNotFound) done = false;
    };
    remove("manifest.json");
    for (std::size_t i = 0; done && i < effect.checkpoint.files.size(); ++i)
        remove(object_name(i));
    // What is on its way must not arrive later.
    abort_uploads(hooks_.checkpoint_key(effect.team, effect.checkpoint, "o/"));
    hooks_.post(input::ObjectsDeleted{
        effect.checkpoint.id, done ? input::CallOutcome::kDone : input::CallOutcome::kUnknown});
}

void ArtifactRunner::find_outcome(const effect::FindOutcome& effect) {
    const Result<std::string> text =
        store_.get(hooks_.outcome_key(effect.team, effect.attempt), kOutcomeSizeMax);
    input::OutcomeFound found;
    found.attempt = effect.attempt;
    if (text) {
        Result<AttemptOutcome> outcome = hooks_.parse_outcome(*text);
        if (outcome) found.outcome = *outcome;
    } else if (text.error().code != ErrorCode::kNotFound) {
        return;  // the core asks again until the store answers
    }
    hooks_.post(std::move(found));
}

}  // namespace herder
