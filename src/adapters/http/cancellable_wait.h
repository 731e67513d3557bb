#pragma once
// Waiting that whoever ends can break off.
#include "adapters/http/cancel.h"
#include "base/time.h"

namespace herder::http {

// So long, or until it is cancelled.
void wait_unless_cancelled(Duration longest, const CancelToken& cancel);

}  // namespace herder::http
