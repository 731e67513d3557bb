#pragma once
// Where things lie in the artifact store:
//   v1/<team>/<job>/job.json (job_record_json.h)
//   v1/<team>/<job>/ckpt/<checkpoint name>/o/0000 ... and manifest.json
//   v1/<team>/<job>/attempts/<fence>/outcome.json
//   v1/<team>/<job>/attempts/<fence>/output-uploads.json (output_parts_json.h)
//   v1/<team>/<job>/attempts/<fence>/probe: what the admission test sends and fetches, empty after
//   v1/<team>/<job>/attempts/<fence>/logs/<out|err|system|metrics>/<first byte>-<end>-<time>-<hash>
//   v1/<team>/<job>/attempts/<fence>/logs/deleted.txt: that they were deleted on purpose
//   v1/<team>/<job>/outputs/<path>, and outputs.sha256 beside the folder
//   workdirs/<sha256>.tar.gz, trees/ and chunks/ (tree_json.h)
#include <optional>
#include <string>

#include "core/checkpoints/checkpoint.h"

namespace herder::protocol {

inline constexpr char kRunsPrefix[] = "v1/";  // of all jobs, and of nothing else

// A team's name as one part of a key: what is not a letter, a digit or "-" becomes _XX (hex), so
// that different names stay different and no "." or ".." can arise.
std::string key_part(const std::string& name);

// Of all that belongs to a job; ends with a slash.
std::string run_prefix(const std::string& team, JobId job);
std::string checkpoints_prefix(const std::string& team, JobId job);
std::string attempts_prefix(const std::string& team, JobId job);
std::string attempt_prefix(const std::string& team, AttemptKey attempt);
std::string job_record_key(const std::string& team, JobId job);
// `object`: "o/0000", "manifest.json".
std::string checkpoint_key(const std::string& team, const Checkpoint& checkpoint,
                           const std::string& object);
std::string outcome_key(const std::string& team, AttemptKey attempt);
std::string probe_key(const std::string& team, AttemptKey attempt);
// Of the segments of one stream's log; ends with a slash.
std::string log_prefix(const std::string& team, AttemptKey attempt, const std::string& stream);
// Ends with a slash; `path` is appended.
std::string outputs_prefix(const std::string& team, JobId job);
std::string output_hashes_key(const std::string& team, JobId job);
std::string output_uploads_key(const std::string& team, AttemptKey attempt);
std::string workdir_key(const std::string& sha256);
// Whether a key of a run is of an output, and no document about outputs.
bool is_output_key(const std::string& key);
// Whose run a key belongs to; zero where it is of none.
JobId job_of_key(const std::string& key);
// The checkpoint that an object is of, visible or not; nothing where it is of none.
std::optional<CheckpointName> checkpoint_of_key(const std::string& key);

}  // namespace herder::protocol
