#pragma once
// Sends what the spool holds to the server, on a thread of its own, again and again until it is
// acknowledged.
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "base/time.h"
#include "worker/log_spool.h"
#include "worker/server_link.h"

namespace herder {

class LogShipper {
  public:
    // `now`: the spool's clock.
    LogShipper(LogSpool& spool, ServerLink& link, std::function<Instant()> now = {});
    ~LogShipper();
    // Waits until everything is acknowledged or `limit` (real time) has passed; true if it is.
    bool flush(Duration limit);

  private:
    void loop();
    bool ship();  // false: the server did not take something
    void go_back(const LogSpool::Chunk& chunk, std::uint64_t next);
    std::string ages_of(const LogSpool::Chunk& chunk) const;

    LogSpool& spool_;
    ServerLink& link_;
    const std::function<Instant()> now_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;  // guarded by mutex_, like the next
    bool hurry_ = false;
    std::thread thread_;  // last: it uses all of the above
};

}  // namespace herder
