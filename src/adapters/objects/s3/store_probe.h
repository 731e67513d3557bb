#pragma once
// Tries on the user's bucket what the engine would like to rely on, and records what was seen to
// work. Writes a few objects of some megabytes under a prefix of its own and removes them again.
#include <string>
#include <vector>

#include "adapters/objects/s3/abilities.h"
#include "adapters/objects/s3/s3_client.h"

namespace herder::s3 {

enum class Verdict {
    kWorks,
    kMissing,  // the engine does without
    kBroken,   // the engine cannot work without it
};

struct ProbeCheck {
    std::string name;  // "put if absent"
    Verdict verdict = Verdict::kMissing;
    std::string detail;  // what was seen, and for kBroken what to do
};

struct ProbeReport {
    Abilities abilities;
    std::vector<ProbeCheck> checks;
    bool is_usable() const;
};

// An error only where nothing could be tried at all. `trust`: for the presigned URLs, as the
// workers will use them.
Result<ProbeReport> probe_store(S3Client& client, const Clock& clock,
                                const http::TlsTrust& trust = {});

}  // namespace herder::s3
