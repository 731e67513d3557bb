#pragma once
// The `resources` section of a job and its profile into the kinds of machines that will do.
#include <vector>

#include "config/fields.h"
#include "config/gpu_profiles.h"
#include "core/jobs/spec.h"

namespace herder::config {

// `resources` may be missing (null field node) and `profile` may be null. At least one request.
std::vector<ResourceRequest> read_resources(const Field* resources, const Profile* profile);

}  // namespace herder::config
