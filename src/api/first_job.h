#pragma once
// Before a database numbers its first job, and before the first one after each start: the store may
// hold the runs of a database that was lost, or of the time after the backup that this one is, and
// the same numbers once more would mix the files of both.
#include <atomic>
#include <functional>

#include "api/api.h"

namespace herder::api {

class DiskWork;

class FirstJob {
  public:
    // Calls `go_on`, on whatever thread, once new numbers are known to be free, or were passed
    // over; else answers with a conflict that names the way out, or why the store could not be
    // asked. `disk` lives on.
    void admit(const Parts& parts, DiskWork& disk, const ExchangePtr& exchange,
               std::function<void()> go_on);

  private:
    std::atomic<bool> is_past_{false};
};

}  // namespace herder::api
