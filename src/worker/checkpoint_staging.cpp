#include "worker/checkpoint_staging.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <vector>

#include "core/checkpoints/checkpoint.h"
#include "core/checkpoints/offer_metrics.h"
#include "protocol/value_json.h"
#include "worker/found_checkpoint.h"

namespace herder {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLineMax = 1 << 20;

std::string metric_text(const protocol::Json& value) {
    if (const auto* text = value.if_string()) return *text;
    return value.to_text();
}

std::int64_t changed_ns(const struct stat& info) {
    return info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec;
}

Error unusable(const std::string& path, const std::string& why) {
    return invalid("checkpoint " + path + " cannot be published: " + why);
}

}  // namespace

Result<CheckpointLine> parse_checkpoint_line(const std::string& line) {
    const auto json = protocol::parse_json(line, kLineMax);
    if (!json) return json.error().with_context("a line of checkpoints.jsonl");
    const auto* path = json->find("path");
    const auto* step = json->find("step");
    if (path == nullptr || path->if_string() == nullptr || step == nullptr ||
        step->if_signed() == nullptr) {
        return invalid("a line of checkpoints.jsonl needs \"path\" and an integer \"step\"");
    }
    CheckpointLine parsed{*path->if_string(), *step->if_signed(), CheckpointKind::kPeriodic, {}};
    if (const auto* kind = json->find("kind"); kind != nullptr && kind->if_string() != nullptr) {
        if (*kind->if_string() == "preempt") parsed.kind = CheckpointKind::kPreempt;
        if (*kind->if_string() == "final") parsed.kind = CheckpointKind::kFinal;
    }
    if (const auto* metrics = json->find("metrics");
        metrics != nullptr && metrics->if_object() != nullptr) {
        for (const auto& [name, value] : *metrics->if_object())
            parsed.metrics[name] = metric_text(value);
    }
    return parsed;
}

std::optional<std::int64_t> parse_metrics_step(const std::string& line) {
    const auto json = protocol::parse_json(line, kLineMax);
    if (!json) return std::nullopt;
    const auto* step = json->find("step");
    if (step == nullptr || step->if_signed() == nullptr) return std::nullopt;
    return *step->if_signed();
}

CheckpointStaging::CheckpointStaging(std::string folder, const std::vector<std::uint64_t>& kept)
    : folder_(std::move(folder)) {
    std::error_code ignored;
    std::vector<fs::path> old;
    for (fs::directory_iterator it(folder_, ignored), end; !ignored && it != end;
         it.increment(ignored)) {
        const bool is_kept = std::any_of(kept.begin(), kept.end(), [&](std::uint64_t seq) {
            return it->path().filename() == std::to_string(seq);
        });
        if (!is_kept) old.push_back(it->path());
    }
    for (const fs::path& path : old)
        fs::remove_all(path, ignored);
    fs::create_directories(folder_, ignored);
}

Status CheckpointStaging::adopt(const CheckpointOffer& offer) {
    const std::string what = "the staged checkpoint of step " + std::to_string(offer.step);
    if (const std::string fault = find_offer_fault(offer); !fault.empty())
        return unusable(what, fault);
    std::map<std::string, Staged> found;
    for (const CheckpointFile& file : offer.files) {
        const std::string path = path_of(offer.local_seq, file.path);
        struct stat info{};
        if (::stat(path.c_str(), &info) != 0)
            return unusable(what, "its file " + file.path + " is gone");
        auto sums = sum_blocks(path);
        if (!sums) return sums.error().with_context(what);
        if (sums->size != file.size || sums->whole() != file.crc32c)
            return unusable(what, "its file " + file.path + " is not what it was");
        found[file.path] = {std::move(*sums), changed_ns(info)};
    }
    const std::lock_guard lock(mutex_);
    staged_[offer.local_seq] = std::move(found);
    return ok();
}

std::string CheckpointStaging::path_of(std::uint64_t local_seq, const std::string& file) const {
    return folder_ + "/" + std::to_string(local_seq) + "/" + file;
}

void CheckpointStaging::discard(std::uint64_t local_seq) {
    std::error_code ignored;
    fs::remove_all(folder_ + "/" + std::to_string(local_seq), ignored);
    const std::lock_guard lock(mutex_);
    staged_.erase(local_seq);
}

bool CheckpointStaging::is_untouched(std::uint64_t local_seq, const std::string& file) const {
    struct stat info{};
    if (::stat(path_of(local_seq, file).c_str(), &info) != 0) return false;
    const std::lock_guard lock(mutex_);
    const auto seq = staged_.find(local_seq);
    if (seq == staged_.end()) return false;
    const auto found = seq->second.find(file);
    return found != seq->second.end() && info.st_size == found->second.sums.size.count &&
           changed_ns(info) == found->second.changed_ns;
}

BlockSums CheckpointStaging::sums_of(std::uint64_t local_seq, const std::string& file) const {
    const std::lock_guard lock(mutex_);
    const auto seq = staged_.find(local_seq);
    if (seq == staged_.end()) return {};
    const auto found = seq->second.find(file);
    return found != seq->second.end() ? found->second.sums : BlockSums{};
}

void CheckpointStaging::remark(const std::string& text) {
    if (remarked_.insert(text).second) remarks_.push_back(text);
}

// In order. A link to a file is that file; one to a folder is not followed, for it may lead in a
// circle.
Result<std::vector<fs::path>> CheckpointStaging::files_of(const fs::path& source) {
    if (!source.is_absolute())
        return unusable(source, "its path is not absolute; write it as $PWD/" + source.string());
    std::error_code error;
    const fs::file_status status = fs::status(source, error);
    if (!fs::exists(status)) return unusable(source, "there is no such file or folder");
    if (fs::is_regular_file(status)) return std::vector<fs::path>{source};
    std::vector<fs::path> files;
    fs::recursive_directory_iterator it(source, error);
    for (const fs::recursive_directory_iterator end; !error && it != end; it.increment(error)) {
        std::error_code broken;
        if (it->is_regular_file(broken)) {
            files.push_back(it->path());
        } else if (it->is_symlink(broken)) {
            remark("checkpoints are published without '" +
                   it->path().lexically_relative(source).generic_string() +
                   "', which is a link that leads to no file; write a copy instead");
        }
    }
    if (error) return unusable(source, "it cannot be read: " + error.message());
    if (files.empty()) return unusable(source, "it has no files");
    std::sort(files.begin(), files.end());
    return files;
}

Result<CheckpointOffer> CheckpointStaging::stage(const CheckpointLine& line,
                                                 std::uint64_t local_seq) {
    CheckpointOffer offer;
    offer.local_seq = local_seq;
    offer.step = line.step;
    offer.kind = line.kind;
    offer.metrics = line.metrics;
    if (const std::string dropped = drop_unfit_metrics(offer.metrics); !dropped.empty())
        remark(dropped);
    const fs::path source = line.path;
    const auto files = files_of(source);
    if (!files) return files.error();
    Status taken;
    for (const fs::path& file : *files) {
        const fs::path relative =
            file == source ? source.filename() : file.lexically_relative(source);
        if (taken) taken = take(file, relative.generic_string(), Take::kLink, offer);
    }
    return checked(std::move(offer), line.path, std::move(taken));
}

Status CheckpointStaging::take(const std::string& source, const std::string& name, Take how,
                               CheckpointOffer& offer) {
    const fs::path staged = path_of(offer.local_seq, name);
    std::error_code error;
    fs::create_directories(staged.parent_path(), error);
    // What a link leads to, which may be gone when the job removes it.
    const fs::path real = fs::canonical(source, error);
    if (how == Take::kLink) fs::create_hard_link(real, staged, error);
    // Another file system, or one without links.
    if (error || how == Take::kCopy) {
        error.clear();
        fs::copy_file(source, staged, error);
    }
    struct stat info{};
    if (error || ::stat(staged.c_str(), &info) != 0)
        return unusable(source, "file " + name + " cannot be taken");
    auto sums = sum_blocks(staged);
    if (!sums) return sums.error();
    offer.files.push_back({name, sums->size, sums->whole(), static_cast<int>(info.st_mode & 0777)});
    const std::lock_guard lock(mutex_);
    // The time from before reading: what was written meanwhile shows.
    staged_[offer.local_seq][name] = {std::move(*sums), changed_ns(info)};
    return {};
}

Result<CheckpointOffer> CheckpointStaging::checked(CheckpointOffer offer, const std::string& path,
                                                   Status taken) {
    const std::string fault = taken ? find_offer_fault(offer) : taken.error().message;
    if (fault.empty()) return offer;
    discard(offer.local_seq);
    Error failed = unusable(path, fault);
    if (!taken) failed.code = taken.error().code;
    return failed;
}

Result<CheckpointOffer> CheckpointStaging::stage_found(const std::string& folder,
                                                       const CheckpointLayout& layout,
                                                       std::int64_t step, std::uint64_t local_seq) {
    CheckpointOffer offer;
    offer.local_seq = local_seq;
    offer.step = step;
    // Only a folder that is named by its step is not written again in its place. A file may be even
    // with a number in its name, as unet_256.pt, and so is the folder of Keras' BackupAndRestore.
    const bool is_kept = layout.step && !layout.is_loose() && layout.framework != Framework::kKeras;
    const Take how = is_kept ? Take::kLink : Take::kCopy;
    Status taken;
    for (const SeenFile& file : layout.files) {
        if (!taken) break;
        const std::string source = folder + "/" + file.path;
        taken = take(source, file.path, file.text.empty() ? how : Take::kCopy, offer);
        struct stat now{};
        const bool is_same =
            ::stat(source.c_str(), &now) == 0 && now.st_size == file.size_bytes &&
            now.st_mtim.tv_sec * 1'000'000 + now.st_mtim.tv_nsec / 1000 == file.changed_us;
        if (taken && !is_same) {
            taken =
                Error{ErrorCode::kConflict, unusable(source, "it was changed meanwhile").message};
        }
    }
    if (taken) {
        const std::string note = path_of(local_seq, std::string("note/") + kLayoutFile);
        std::error_code ignored;
        fs::create_directories(fs::path(note).parent_path(), ignored);
        std::ofstream(note) << layout_text(layout);
        taken = take(note, kLayoutFile, Take::kLink, offer);
        fs::remove_all(fs::path(note).parent_path(), ignored);
    }
    return checked(std::move(offer), layout.path, std::move(taken));
}

}  // namespace herder
