#include "core/checkpoints/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <string_view>

#include "base/utf8.h"
#include "core/checkpoints/offer_metrics.h"

namespace herder {

namespace {

// Limits of one checkpoint. 16 TB is above the largest training state that we know of; the others
// keep a manifest in the low megabytes.
constexpr std::size_t kFilesMax = 10'000;
constexpr std::size_t kPathLengthMax = 512;
constexpr Bytes kTotalMax = gigabytes(16'000);

std::string padded(std::uint64_t value, std::size_t width) {
    std::string text = std::to_string(value);
    return text.size() >= width ? text : std::string(width - text.size(), '0') + text;
}

// A path that stays inside the folder it is restored into, on every machine.
std::string find_path_fault(const std::string& path) {
    if (path.empty()) return "a file has no path";
    if (path.size() > kPathLengthMax) {
        return "a path is longer than " + std::to_string(kPathLengthMax) + " bytes";
    }
    for (const char c : path) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            return "a path contains a control character";
        }
    }
    if (!is_utf8(path)) return "the name of a file is not UTF-8, so that it could not be restored";
    std::string_view rest = path;
    while (true) {
        const std::size_t slash = rest.find('/');
        const std::string_view part = rest.substr(0, slash);
        if (part.empty() || part == "." || part == "..") {
            return "path '" + path + "' is not a plain relative path";
        }
        if (slash == std::string_view::npos) return {};
        rest.remove_prefix(slash + 1);
    }
}

// The same path twice, or one that is a folder of another, cannot be restored.
std::string find_clash(const std::vector<CheckpointFile>& files) {
    std::set<std::string_view> paths;
    for (const CheckpointFile& file : files) {
        if (!paths.insert(file.path).second) return "path '" + file.path + "' is there twice";
    }
    for (const CheckpointFile& file : files) {
        for (std::size_t at = file.path.find('/'); at != std::string::npos;
             at = file.path.find('/', at + 1)) {
            const std::string folder = file.path.substr(0, at);
            if (paths.contains(folder)) return "path '" + folder + "' is both a file and a folder";
        }
    }
    return {};
}

std::string find_file_fault(const CheckpointFile& file) {
    if (std::string fault = find_path_fault(file.path); !fault.empty()) return fault;
    if (file.size.count < 0 || file.size > kTotalMax) {
        return "file '" + file.path + "' has an impossible size";
    }
    if ((file.mode & ~0777) != 0) return "file '" + file.path + "' has a mode beyond 0777";
    return {};
}

}  // namespace

const char* to_string(CheckpointState state) {
    switch (state) {
        case CheckpointState::kUploading:
            return "uploading";
        case CheckpointState::kCommitting:
            return "committing";
        case CheckpointState::kCommitted:
            return "committed";
        case CheckpointState::kAborted:
            return "aborted";
        case CheckpointState::kDeleting:
            return "deleting";
        case CheckpointState::kDeleted:
            return "deleted";
    }
    return "unknown";
}

std::string make_checkpoint_name(std::int64_t step, Fence fence, CheckpointId id) {
    const std::uint64_t shown = step < 0 ? 0 : static_cast<std::uint64_t>(step);
    return padded(shown, 12) + "-a" + padded(fence.value, 6) + "-" + to_text(id);
}

std::optional<CheckpointName> parse_checkpoint_name(const std::string& text) {
    const std::size_t fence = text.find("-a");
    const std::size_t id = fence == std::string::npos ? fence : text.find('-', fence + 2);
    if (id == std::string::npos) return std::nullopt;
    CheckpointName name;
    const char* const begin = text.data();
    (void)std::from_chars(begin, begin + fence, name.step);
    (void)std::from_chars(begin + fence + 2, begin + id, name.fence.value);
    const auto parsed = parse_id<CheckpointTag>(text.substr(id + 1));
    if (!parsed) return std::nullopt;
    name.id = *parsed;
    if (make_checkpoint_name(name.step, name.fence, name.id) != text) return std::nullopt;
    return name;
}

std::vector<const Checkpoint*> newest_first(const std::vector<const Checkpoint*>& of_one_job) {
    std::vector<const Checkpoint*> committed;
    for (const Checkpoint* checkpoint : of_one_job) {
        if (checkpoint->state == CheckpointState::kCommitted) committed.push_back(checkpoint);
    }
    std::sort(committed.begin(), committed.end(), [](const Checkpoint* a, const Checkpoint* b) {
        return a->commit_seq != b->commit_seq ? a->commit_seq > b->commit_seq : a->id > b->id;
    });
    return committed;
}

bool is_trusted(const Checkpoint& checkpoint) {
    return !checkpoint.quarantined && !checkpoint.doubted_by;
}

const Checkpoint* choose_resume(const std::vector<const Checkpoint*>& of_one_job,
                                const std::function<bool(const Checkpoint&)>& may_be) {
    for (const Checkpoint* checkpoint : newest_first(of_one_job)) {
        const bool is_good = !checkpoint->quarantined;
        if (is_good && (!may_be || may_be(*checkpoint))) return checkpoint;
    }
    return nullptr;
}

std::string find_offer_fault(const CheckpointOffer& offer) {
    if (offer.local_seq == 0) return "it has no sequence number";
    if (offer.step < 0) return "its step is negative";
    if (offer.files.empty()) return "it has no files";
    if (offer.files.size() > kFilesMax) {
        return "it has more than " + std::to_string(kFilesMax) + " files";
    }
    Bytes total;
    for (const CheckpointFile& file : offer.files) {
        if (std::string fault = find_file_fault(file); !fault.empty()) return fault;
        total = total + file.size;
        if (total > kTotalMax) return "it is larger than " + to_text(kTotalMax);
    }
    if (std::string fault = find_clash(offer.files); !fault.empty()) return fault;
    return find_metric_fault(offer.metrics);
}

}  // namespace herder
