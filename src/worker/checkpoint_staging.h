#pragma once
// Takes a completed checkpoint out of the job's hands: its files are linked (or copied) into a
// folder of their own, so that the job may rotate them away while they are uploaded, and their
// checksums are taken. Also reads what the job says in checkpoints.jsonl.
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "core/jobs/agent_messages.h"
#include "core/worker/checkpoint_layout.h"
#include "worker/block_sums.h"

namespace herder {

// One line of checkpoints.jsonl.
struct CheckpointLine {
    std::string path;  // folder or file
    std::int64_t step = 0;
    CheckpointKind kind = CheckpointKind::kPeriodic;
    std::map<std::string, std::string> metrics;
};
Result<CheckpointLine> parse_checkpoint_line(const std::string& line);
// The "step" of a line of metrics.jsonl, if it has one.
std::optional<std::int64_t> parse_metrics_step(const std::string& line);

class CheckpointStaging {
  public:
    // `kept`: the local_seqs to leave there for adopt(); all else in the folder is removed.
    explicit CheckpointStaging(std::string folder, const std::vector<std::uint64_t>& kept = {});

    // What an earlier process of this agent has staged and offered. An error where it is not there
    // any more, byte by byte. Reads all of it.
    Status adopt(const CheckpointOffer& offer);

    // The offer to make for it, or why it cannot be published.
    Result<CheckpointOffer> stage(const CheckpointLine& line, std::uint64_t local_seq);
    // The same for one that was found in `folder`, with the names that its files have there.
    // kConflict where the job has changed a file since it was looked at.
    Result<CheckpointOffer> stage_found(const std::string& folder, const CheckpointLayout& layout,
                                        std::int64_t step, std::uint64_t local_seq);
    std::string path_of(std::uint64_t local_seq, const std::string& file) const;
    // Links share their content with the job, which may write into it: whether the file is still
    // what was staged, by its size and the time of its last change.
    bool is_untouched(std::uint64_t local_seq, const std::string& file) const;
    // Of what was staged; empty where nothing was.
    BlockSums sums_of(std::uint64_t local_seq, const std::string& file) const;
    void discard(std::uint64_t local_seq);
    // What a job has to know of what was staged, each thing once.
    std::vector<std::string> take_remarks() { return std::exchange(remarks_, {}); }

  private:
    enum class Take { kLink, kCopy };
    Result<std::vector<std::filesystem::path>> files_of(const std::filesystem::path& source);
    void remark(const std::string& text);
    Status take(const std::string& source, const std::string& name, Take how,
                CheckpointOffer& offer);
    // Ends staging: the offer, or nothing left behind.
    Result<CheckpointOffer> checked(CheckpointOffer offer, const std::string& path, Status taken);

    struct Staged {
        BlockSums sums;
        std::int64_t changed_ns = 0;
    };

    const std::string folder_;
    std::vector<std::string> remarks_;
    std::set<std::string> remarked_;
    mutable std::mutex mutex_;
    std::map<std::uint64_t, std::map<std::string, Staged>> staged_;  // guarded by mutex_
};

}  // namespace herder
