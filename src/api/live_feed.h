#pragma once
// Tells waiting requests (event streams, log followers, parked agents) that something of a job was
// committed. A bell, not a pipe: who hears it reads what is new for itself.
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>

#include "base/id.h"
#include "core/step/output.h"

namespace herder::api {

class LiveFeed {
  public:
    using Bell = std::function<void()>;
    using Ticket = std::uint64_t;

    // `bell` rings, on the ringing thread, after every commit that touches the job (0: any job).
    // It must be short and must not call the feed.
    Ticket listen(JobId job, Bell bell);
    void forget(Ticket ticket);
    // Of the engine: after a commit. Any thread may also ring, for new log text.
    void ring(JobId job);
    void ring(const Output& output);

  private:
    struct Listener {
        JobId job;
        Bell bell;
    };
    std::mutex mutex_;
    std::map<Ticket, Listener> listeners_;  // guarded by mutex_
    Ticket next_ = 1;                       // guarded by mutex_
};

}  // namespace herder::api
