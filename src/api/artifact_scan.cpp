#include "api/artifact_scan.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "engine/artifact_runner.h"
#include "protocol/job_record_json.h"
#include "protocol/layout.h"
#include "protocol/manifest_json.h"
#include "protocol/report_json.h"

namespace herder::api {

namespace {

constexpr std::size_t kObjectsMax = 1'000'000;
constexpr std::size_t kUploadsMax = 100'000;
constexpr std::uint64_t kFenceMax = std::uint64_t{1} << 40;  // more than anybody counts
constexpr std::size_t kOutcomeSizeMax = 64 * 1024;

class Scan {
  public:
    Scan(ObjectStore& store, const std::string& mac_key, bool trusts_all)
        : store_(store), mac_key_(mac_key), trusts_all_(trusts_all) {}

    Result<ScanReport> run() {
        const auto listed = store_.list(protocol::kRunsPrefix, kObjectsMax);
        if (!listed) return listed.error();
        if (listed->size() == kObjectsMax) {
            return invalid("the store holds a million objects and more; that is too much to scan");
        }
        for (const ObjectInfo& info : *listed) {
            objects_.emplace(info.key, info);
            note(info.key);
        }
        if (auto noted = note_uploads(); !noted) return noted.error();
        for (const auto& [key, info] : objects_) {
            if (!key.ends_with("/job.json")) continue;
            if (auto read = read_job(key); !read) return read.error();
        }
        return std::move(report_);
    }

  private:
    void note(const std::string& key) {
        const JobId job = protocol::job_of_key(key);
        report_.highest = std::max(report_.highest, job);
        const auto name = protocol::checkpoint_of_key(key);
        if (!name) return;
        report_.highest_checkpoint = std::max(report_.highest_checkpoint, name->id);
        fences_[job] = std::max(fences_[job], name->fence);
    }
    // Machines may still send to what was begun and never completed.
    Status note_uploads() {
        MultipartUploads* uploads = store_.multipart();
        if (uploads == nullptr) return ok();
        const auto pending = uploads->pending(protocol::kRunsPrefix, kUploadsMax);
        if (!pending) return pending.error();
        for (const PendingUpload& upload : *pending)
            note(upload.key);
        return ok();
    }
    void skip(const std::string& key, const std::string& why) {
        report_.skipped.push_back({key, why});
    }

    Status read_job(const std::string& key) {
        const auto text = store_.get(key, protocol::kJobRecordSizeMax);
        if (!text) return text.error();
        if (!trusts_all_ && !protocol::is_job_record_authentic(*text, mac_key_))
            return skip(key, "it was not sealed with this cluster's key"), ok();
        const auto record = protocol::parse_job_record(*text);
        if (!record) return skip(key, record.error().message), ok();
        if (key != protocol::job_record_key(record->spec.team, record->job))
            return skip(key, "it is of another job"), ok();
        input::FoundJob found;
        found.id = record->job;
        found.spec = record->spec;
        found.submitted = record->submitted;
        found.fence = fences_[record->job];
        const std::string prefix = key.substr(0, key.size() - std::string("job.json").size());
        for (auto it = objects_.lower_bound(prefix);
             it != objects_.end() && it->first.starts_with(prefix); ++it) {
            if (auto taken = take(prefix, it->second, found); !taken) return taken.error();
        }
        std::sort(
            found.checkpoints.begin(), found.checkpoints.end(),
            [](const Checkpoint& a, const Checkpoint& b) { return a.commit_seq < b.commit_seq; });
        if (auto ended = read_outcome(found); !ended) return ended.error();
        report_.jobs.push_back(std::move(found));
        return ok();
    }

    Status take(const std::string& prefix, const ObjectInfo& info, input::FoundJob& found) {
        const std::string rest = info.key.substr(prefix.size());
        if (rest.starts_with("ckpt/") && rest.ends_with("/manifest.json"))
            return read_manifest(info, found);
        constexpr std::string_view kAttempts = "attempts/";
        if (!rest.starts_with(kAttempts)) return ok();
        std::uint64_t fence = 0;
        (void)std::from_chars(rest.data() + kAttempts.size(), rest.data() + rest.size(), fence);
        if (fence <= kFenceMax) found.fence = std::max(found.fence, Fence{fence});
        return ok();
    }

    // A manifest that is not believed is told, with the name that its key has.
    Status read_manifest(const ObjectInfo& info, input::FoundJob& found) {
        const std::size_t before = report_.skipped.size();
        const Status read = believe_manifest(info, found);
        const auto name = protocol::checkpoint_of_key(info.key);
        if (report_.skipped.size() > before && name) {
            report_.skipped.back().checkpoint =
                make_checkpoint_name(name->step, name->fence, name->id);
        }
        return read;
    }

    Status believe_manifest(const ObjectInfo& info, input::FoundJob& found) {
        const auto text = store_.get(info.key, protocol::kManifestSizeMax);
        if (!text) return text.error();
        if (!trusts_all_ && !protocol::is_manifest_authentic(*text, mac_key_))
            return skip(info.key, "it was not sealed with this cluster's key"), ok();
        auto one = protocol::parse_manifest(*text);
        if (!one) return skip(info.key, one.error().message), ok();
        const std::string& team = found.spec.team;
        if (one->attempt.job != found.id ||
            info.key != protocol::checkpoint_key(team, *one, "manifest.json"))
            return skip(info.key, "it is of another checkpoint"), ok();
        for (std::size_t i = 0; i < one->files.size(); ++i) {
            const std::string key = protocol::checkpoint_key(team, *one, object_name(i));
            const auto object = objects_.find(key);
            if (object == objects_.end() || object->second.size != one->files[i].size)
                return skip(info.key, "its object " + key + " is missing or has another size"),
                       ok();
        }
        one->committed_wall = info.modified.value_or(WallTime{});
        found.fence = std::max(found.fence, one->attempt.fence);
        found.checkpoints.push_back(std::move(*one));
        return ok();
    }

    // What a worker left is believed as it is after every loss of a machine.
    Status read_outcome(input::FoundJob& found) {
        const std::string key =
            protocol::outcome_key(found.spec.team, AttemptKey{found.id, found.fence});
        if (!objects_.contains(key)) return ok();
        const auto text = store_.get(key, kOutcomeSizeMax);
        if (!text) return text.error();
        const auto outcome = protocol::parse_outcome(*text);
        if (!outcome) return skip(key, outcome.error().message), ok();
        found.outcome = *outcome;
        return ok();
    }

    ObjectStore& store_;
    const std::string& mac_key_;
    const bool trusts_all_;
    std::map<std::string, ObjectInfo> objects_;
    std::map<JobId, Fence> fences_;  // the highest of its checkpoints, visible or not
    ScanReport report_;
};

}  // namespace

Result<ScanReport> scan_artifacts(ObjectStore& store, const std::string& mac_key, bool trusts_all) {
    return Scan(store, mac_key, trusts_all).run();
}

}  // namespace herder::api
