#pragma once
// Where a job's data source may send this server's credentials.
#include <string>
#include <vector>

#include "base/bucket_address.h"

namespace herder::remote {

// Google's and Azure's requests carry tokens that whoever receives them can use elsewhere, so that
// their endpoints are the operator's choice: one of `own` (origins), or a number of this machine.
// S3's signatures hold for one host and request, so that theirs may be any. kForbidden says what
// to do.
Status check_source_endpoint(const BucketAddress& source, const std::vector<std::string>& own);

}  // namespace herder::remote
