#include "engine/run_look.h"

#include <algorithm>

#include "engine/checkpoint_commit.h"

namespace herder {

namespace {

// Objects of the checkpoints that a job keeps. Those beyond would be seen only by their numbers.
constexpr std::size_t kObjectsMax = 200'000;
constexpr std::size_t kUploadsMax = 10'000;
// An attempt may have left nothing: so many numbers without a trace, one after the other, are taken
// for the end.
constexpr std::uint64_t kGapMax = 2;
// More than anybody numbers; beyond it somebody else wrote the key.
constexpr std::uint64_t kNumberMax = std::uint64_t{1} << 40;
constexpr std::size_t kRecordSizeMax = 2 << 20;  // of a job

class Look {
  public:
    Look(ObjectStore& store, const RunLookHooks& hooks, const effect::LookAtRun& effect)
        : store_(store), hooks_(hooks), effect_(effect) {
        seen_.job = effect.job;
    }

    Result<input::RunSeen> run() {
        const auto any = holds_any(hooks_.run_prefix(effect_.team, effect_.job));
        if (!any) return any.error();
        seen_.is_empty = !*any;
        if (seen_.is_empty && !effect_.resume) return std::move(seen_);
        for (const auto part : {&Look::read_record, &Look::read_checkpoints, &Look::read_uploads,
                                &Look::read_attempts, &Look::check_resume}) {
            if (const Status done = (this->*part)(); !done) return done.error();
        }
        return std::move(seen_);
    }

  private:
    Result<bool> holds_any(const std::string& prefix) {
        const auto found = store_.list(prefix, 1);
        if (!found) return found.error().with_context("listing " + prefix);
        return !found->empty();
    }
    void note(const std::string& prefix, const std::string& key) {
        const std::size_t end = key.find('/', prefix.size());
        if (!key.starts_with(prefix) || end == std::string::npos) return;
        const std::string name = key.substr(prefix.size(), end - prefix.size());
        const auto parsed = parse_checkpoint_name(name);
        if (!parsed || parsed->fence.value > kNumberMax || parsed->id.value > kNumberMax) return;
        seen_.fence = std::max(seen_.fence, parsed->fence);
        seen_.highest = std::max(seen_.highest, parsed->id);
        if (key.substr(end) == "/manifest.json") seen_.manifests.push_back(name);
    }
    // Whose files they are, where the database knows of no attempt that could have left any.
    Status read_record() {
        if (seen_.is_empty || effect_.fence != Fence{} || !hooks_.submitted_of) return ok();
        const std::string key = hooks_.job_record_key(effect_.team, effect_.job);
        const auto text = store_.get(key, kRecordSizeMax);
        if (text) {
            seen_.submitted = hooks_.submitted_of(*text);
            return ok();
        }
        // There is none, or something too large to be one.
        const bool is_none =
            text.error().code == ErrorCode::kNotFound || text.error().code == ErrorCode::kInvalid;
        return is_none ? ok() : Status(text.error().with_context("reading " + key));
    }
    Status read_checkpoints() {
        const std::string prefix = hooks_.checkpoints_prefix(effect_.team, effect_.job);
        const auto found = store_.list(prefix, kObjectsMax);
        if (!found) return found.error().with_context("listing " + prefix);
        for (const ObjectInfo& info : *found)
            note(prefix, info.key);
        return ok();
    }
    // What came in parts and was never completed, to which its machine may still send.
    Status read_uploads() {
        MultipartUploads* uploads = store_.multipart();
        if (uploads == nullptr) return ok();
        const std::string prefix = hooks_.checkpoints_prefix(effect_.team, effect_.job);
        const auto pending = uploads->pending(prefix, kUploadsMax);
        if (!pending)
            return pending.error().with_context("listing unfinished uploads of " + prefix);
        for (const PendingUpload& upload : *pending)
            note(prefix, upload.key);
        return ok();
    }
    Status read_attempts() {
        Fence next = std::max(effect_.fence, seen_.fence).next();
        for (std::uint64_t gap = 0; gap < kGapMax; next = next.next()) {
            const auto any = holds_any(hooks_.attempt_prefix(effect_.team, {effect_.job, next}));
            if (!any) return any.error();
            gap = *any ? 0 : gap + 1;
            if (*any) seen_.fence = next;
        }
        return ok();
    }
    Status check_resume() {
        if (!effect_.resume) return ok();
        const std::string key =
            hooks_.checkpoint_key(effect_.team, *effect_.resume, "manifest.json");
        const auto info = store_.head(key);
        if (info) return ok();
        if (info.error().code != ErrorCode::kNotFound)
            return info.error().with_context("looking for " + key);
        seen_.gone = effect_.resume->id;
        return ok();
    }

    ObjectStore& store_;
    const RunLookHooks& hooks_;
    const effect::LookAtRun& effect_;
    input::RunSeen seen_;
};

}  // namespace

Result<input::RunSeen> look_at_run(ObjectStore& store, const RunLookHooks& hooks,
                                   const effect::LookAtRun& effect) {
    return Look(store, hooks, effect).run();
}

input::RunLookFailed look_failed(JobId job, const Error& error) {
    // A bucket that is not there is for a person, too.
    const bool is_denied = is_denial(error) || error.code == ErrorCode::kNotFound;
    return {job, is_denied, error.message};
}

}  // namespace herder
