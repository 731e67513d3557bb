#pragma once
// Fetches what a market's call has left at an address of its own: logs and the output of commands.
// The account key never goes there, and nothing is there at first.
#include <functional>
#include <string>

#include "adapters/http/client.h"
#include "base/result.h"
#include "base/time.h"

namespace herder::vast {

// One GET of `url` without credentials.
using Download =
    std::function<http::CallResult(const std::string& url, const http::CallOptions& options)>;

// Over HTTP. Addresses must be https, or lie at `market_url`'s own origin: a market of one's own
// serves its logs itself.
Download make_download(const std::string& market_url);

// Suspends the calling thread, in the clock's time.
using Sleep = std::function<void(Duration)>;

// Asks until the text is there, as the official client does: 30 times, 0.3 s apart. kNotFound: it
// never came (right after a start a log may need a minute).
Result<std::string> await_result(const Download& download, const Sleep& pause,
                                 const std::string& url);

}  // namespace herder::vast
