#pragma once
// A growing answer about one job: events or log text. It sleeps until the job's bell rings or the
// client has read what was sent, then sends what is new, and ends with the job.
#include <functional>
#include <memory>

#include "api/api.h"

namespace herder::api {

// What a follower sends; called on the engine's thread. Returns text to send, empty for nothing
// new. `accept` is called when the text was taken, so that a slow client loses nothing.
struct Source {
    std::function<std::string(const State&, JobId)> next;
    std::function<void()> accept;
};

// Starts to follow; lives until the client leaves or the job has ended and all was sent.
void follow(const Parts& parts, const ExchangePtr& exchange, const std::string& content_type,
            JobId job, Source source);

}  // namespace herder::api
