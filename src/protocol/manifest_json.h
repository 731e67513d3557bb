#pragma once
// The commit record of a checkpoint in the artifact store, manifest.json: written once by the
// orchestrator after all objects are there, read by whoever restores. Sealed with a MAC, so that a
// restored orchestrator can tell its own manifests from what a worker may have put beside them.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "core/checkpoints/checkpoint.h"

namespace herder::protocol {

constexpr int kManifestFormat = 1;
constexpr std::size_t kManifestSizeMax = 8 << 20;

// File i lies in object o/<i>. The same input gives the same text, so that a repeated write can be
// compared. `mac_key`: at least 32 secret bytes.
std::string write_manifest(const Checkpoint& checkpoint, std::uint64_t commit_seq,
                           std::string_view mac_key);

// What the manifest says, as a committed checkpoint: job, fence, id, name, parent, step, kind,
// files, metrics, commit_seq and manifest_sha256; the rest keeps its defaults. The MAC is not
// looked at: a reader without the key compares the text's SHA-256 with what the orchestrator says.
// Paths are checked as those of an offer. kInvalid: malformed or of a newer format.
Result<Checkpoint> parse_manifest(std::string_view text);

// True if this orchestrator (its key) wrote exactly this text.
bool is_manifest_authentic(std::string_view text, std::string_view mac_key);

}  // namespace herder::protocol
