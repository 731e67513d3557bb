#pragma once
// Sends what the spool holds to the server, on a thread of its own, again and again until it is
// acknowledged. Between its pieces it lets other transfers go first (link_turns.h).
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
    // Waits until everything is acknowledged or `limit` (real time) has passed; true if it is. Lets
    // nobody go first meanwhile.
    bool flush(Duration limit);

  private:
    void loop();
    bool ship();        // false: the server did not take something
    bool await_turn();  // true: others are under way
    void go_back(const LogSpool::Chunk& chunk, std::uint64_t next);
    std::string ages_of(const LogSpool::Chunk& chunk) const;

    LogSpool& spool_;
    ServerLink& link_;
    const std::function<Instant()> now_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;  // guarded by mutex_, like the next two
    bool hurry_ = false;
    int flushes_ = 0;     // under way
    std::thread thread_;  // last: it uses all of the above
};

}  // namespace herder
