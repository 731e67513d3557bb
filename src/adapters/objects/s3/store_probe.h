#pragma once
// Tries on the user's bucket what the engine would like to rely on, and records what was seen to
// work. Writes a few objects of some megabytes under a prefix of its own and removes them again.
#include "adapters/objects/remote/probe_report.h"
#include "adapters/objects/s3/s3_client.h"

namespace herder::s3 {

// An error only where nothing could be tried at all. `trust`: for the presigned URLs, as the
// workers will use them.
Result<remote::ProbeReport> probe_store(S3Client& client, const Clock& clock,
                                        const http::TlsTrust& trust = {});

}  // namespace herder::s3
