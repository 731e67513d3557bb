#pragma once
// How long a server asks its clients to wait: the header Retry-After, in seconds or as a date
// (RFC 9110, section 10.2.3).
#include "adapters/http/message.h"
#include "base/time.h"

namespace herder::http {

// Zero where it is missing, in the past or not understood. A date is compared with the answer's
// own Date, as our clock may be wrong.
Duration retry_after(const Headers& headers);

}  // namespace herder::http
