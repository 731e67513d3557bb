#include "engine/checkpoint_commit.h"

#include <array>
#include <cstdio>

#include "base/digest.h"
#include "base/log.h"
#include "engine/upload_completion.h"

namespace herder {

namespace {

constexpr std::size_t kUploadsMax = 10'000;
// Long enough for half a terabyte over the slowest link that a machine may have.
constexpr Duration kUploadAgeMax = days(7);

// More than are ever being committed at once; whoever is forgotten is looked at twice again.
constexpr std::size_t kLookedOnceMax = 10'000;

void note_failure(const Error& error, input::ManifestWritten& written) {
    written.outcome = input::CallOutcome::kUnknown;
    written.denied = is_denial(error);
    written.detail = error.message;
}

// An answer that cannot be read says nothing about the object.
Result<ObjectInfo> look_at(ObjectStore& store, const std::string& key) {
    Result<ObjectInfo> info = store.head(key);
    if (!info && info.error().code == ErrorCode::kCorrupt) return unread(info.error());
    return info;
}

}  // namespace

bool is_denial(const Error& error) {
    return error.code == ErrorCode::kForbidden || error.code == ErrorCode::kInvalid ||
           error.code == ErrorCode::kConflict;
}

std::string object_name(std::size_t index) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "o/%04zu", index);
    return text.data();
}

CheckpointCommit::CheckpointCommit(ObjectStore& store, Hooks hooks)
    : store_(store), hooks_(std::move(hooks)) {}

input::ManifestWritten CheckpointCommit::write(const effect::WriteManifest& effect) {
    input::ManifestWritten written;
    written.checkpoint = effect.checkpoint.id;
    const auto objects = check_objects(effect);
    if (!objects) {
        note_failure(objects.error(), written);
        if (is_refusal(effect.checkpoint.id, objects.error()))
            written.outcome = input::CallOutcome::kRefused;
        return written;
    }
    const JobId job = effect.checkpoint.attempt.job;
    if (const Status recorded = record_job(effect.team, job); !recorded) {
        note_failure(recorded.error(), written);
        return written;
    }
    written.verified = *objects;
    put_manifest(effect, written);
    return written;
}

// Only what was learnt about the objects speaks against a checkpoint: credentials that ended or a
// store that does not answer say nothing about it. That parts are missing is what listings say,
// and those may lag behind the worker, who had each part acknowledged: when the core asks again, a
// minute later, it counts.
bool CheckpointCommit::is_refusal(CheckpointId id, const Error& error) {
    if (error.code == ErrorCode::kCorrupt) return true;
    if (error.code != ErrorCode::kNotFound) return false;
    if (store_.multipart() == nullptr || looked_once_.erase(id) > 0) return true;
    if (looked_once_.size() >= kLookedOnceMax) looked_once_.clear();
    looked_once_.insert(id);
    return false;
}

Result<bool> CheckpointCommit::check_objects(const effect::WriteManifest& effect) {
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

Result<bool> CheckpointCommit::check_object(const std::string& key, const CheckpointFile& file) {
    Result<ObjectInfo> info = look_at(store_, key);
    const bool is_missing = !info && info.error().code == ErrorCode::kNotFound;
    bool is_verified = false;
    if (is_missing && store_.multipart() != nullptr) {
        const auto completed = complete_object(store_, key, file);
        if (!completed) return completed.error();
        is_verified = *completed;
        info = look_at(store_, key);
    }
    if (!info) return info.error();
    if (info->size != file.size) return Error{ErrorCode::kCorrupt, "it has the wrong size"};
    if (info->crc32c && *info->crc32c != file.crc32c) {
        return Error{ErrorCode::kCorrupt, "it has the wrong checksum"};
    }
    return is_verified || info->crc32c.has_value();
}

Status CheckpointCommit::record_job(const std::string& team, JobId job) {
    if (!hooks_.job_record || recorded_.contains(job)) return ok();
    const Status put = store_.put(hooks_.job_record_key(team, job), hooks_.job_record(job), true);
    const bool is_there = !put && put.error().code == ErrorCode::kConflict;
    if (!put && !is_there) return put.error().with_context("the record of the job");
    recorded_.insert(job);
    return ok();
}

void CheckpointCommit::put_manifest(const effect::WriteManifest& effect,
                                    input::ManifestWritten& written) {
    const std::string text = hooks_.manifest_text(effect.checkpoint, effect.commit_seq);
    const std::string key = hooks_.checkpoint_key(effect.team, effect.checkpoint, "manifest.json");
    const Status put = store_.put(key, text, true);
    written.manifest_sha256 = sha256_hex(text);
    written.outcome = input::CallOutcome::kDone;
    if (put) return;
    if (put.error().code != ErrorCode::kConflict) return note_failure(put.error(), written);
    // Written by this process or the one before, with the answer lost: it must say the same.
    const auto same = is_same(key, text);
    if (!same) {
        note_failure(same.error(), written);
    } else if (!*same) {
        written.outcome = input::CallOutcome::kRefused;
        written.detail = "another manifest is already there";
    }
}

// The size is asked for first: a longer text could not be read within the limit, which would look
// like a store that does not answer.
Result<bool> CheckpointCommit::is_same(const std::string& key, const std::string& text) {
    const auto info = store_.head(key);
    if (!info) return info.error();
    if (info->size.count != static_cast<std::int64_t>(text.size())) return false;
    const auto there = store_.get(key, text.size());
    if (!there) return there.error();
    return *there == text;
}

input::ObjectsDeleted CheckpointCommit::remove(const effect::DeleteObjects& effect) {
    input::ObjectsDeleted deleted{effect.checkpoint.id, input::CallOutcome::kDone};
    Status removed = remove_all(effect);
    // What is on its way must not arrive later.
    const Status aborted =
        abort_uploads(hooks_.checkpoint_key(effect.team, effect.checkpoint, "o/"));
    if (removed && !aborted) removed = aborted;
    if (removed) return deleted;
    deleted.outcome = input::CallOutcome::kUnknown;
    deleted.detail = removed.error().message;
    deleted.denied = is_denial(removed.error());
    return deleted;
}

// The manifest first: without it the rest is nothing.
Status CheckpointCommit::remove_all(const effect::DeleteObjects& effect) {
    Status removed = remove_object(effect, "manifest.json");
    for (std::size_t i = 0; removed && i < effect.checkpoint.files.size(); ++i)
        removed = remove_object(effect, object_name(i));
    return removed;
}

Status CheckpointCommit::remove_object(const effect::DeleteObjects& effect,
                                       const std::string& object) {
    const std::string key = hooks_.checkpoint_key(effect.team, effect.checkpoint, object);
    const Status removed = store_.remove(key);
    const bool is_gone = removed || removed.error().code == ErrorCode::kNotFound;
    return is_gone ? ok() : Status(removed.error().with_context("deleting " + key));
}

Status CheckpointCommit::abort_uploads(const std::string& prefix) {
    MultipartUploads* uploads = store_.multipart();
    if (uploads == nullptr) return ok();
    const auto pending = uploads->pending(prefix, kUploadsMax);
    if (!pending) return pending.error().with_context("listing unfinished uploads of " + prefix);
    Status done = ok();
    for (const PendingUpload& upload : *pending) {
        const Status aborted = uploads->abort(upload);
        const bool is_gone = aborted || aborted.error().code == ErrorCode::kNotFound;
        if (!is_gone) done = aborted.error().with_context("giving up an upload of " + upload.key);
    }
    return done;
}

// What was begun and never finished: its parts are invisible, but are paid for.
void CheckpointCommit::sweep(WallTime now) {
    MultipartUploads* uploads = store_.multipart();
    if (uploads == nullptr) return;
    const auto pending = uploads->pending("v1/", kUploadsMax);
    if (!pending) return;
    for (const PendingUpload& upload : *pending) {
        const bool is_age_known = upload.started > WallTime{};
        if (!is_age_known || upload.started + kUploadAgeMax > now) continue;
        if (hooks_.is_in_use && hooks_.is_in_use(upload.key)) continue;
        const Status aborted = uploads->abort(upload);
        if (aborted) log_info("storage.upload_given_up", {{"key", upload.key}});
    }
}

}  // namespace herder
