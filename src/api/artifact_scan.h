#pragma once
// What the artifact store alone tells of jobs and their checkpoints: sealed records and manifests
// whose objects are all there. For a server whose database was lost.
#include <string>
#include <vector>

#include "base/result.h"
#include "core/step/input.h"
#include "ports/object_store.h"

namespace herder::api {

struct ScanSkip {
    std::string key;
    std::string why;
    std::string checkpoint = {};  // the name of the one that cannot be believed, of a job that can
};
struct ScanReport {
    std::vector<input::FoundJob> jobs;
    std::vector<ScanSkip> skipped;
    // Of all that left anything, whether it can be taken up or not.
    JobId highest = {};
    CheckpointId highest_checkpoint = {};
};

// `trusts_all`: takes documents that are sealed with another key, for when the key was lost, too.
Result<ScanReport> scan_artifacts(ObjectStore& store, const std::string& mac_key, bool trusts_all);

}  // namespace herder::api
