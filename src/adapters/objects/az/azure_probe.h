#pragma once
// Tries on the user's container what the engine relies on. Writes a few small objects under a
// prefix of its own, and a container for the parts of an upload, and removes them again.
#include "adapters/objects/az/azure_object_store.h"
#include "adapters/objects/remote/probe_report.h"

namespace herder::az {

// An error only where nothing could be tried at all. `trust`: for the signed URLs, as the workers
// will use them.
Result<remote::ProbeReport> probe_store(AzureObjectStore& store, const Clock& clock,
                                        const http::TlsTrust& trust = {});

}  // namespace herder::az
