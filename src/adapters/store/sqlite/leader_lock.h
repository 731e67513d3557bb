#pragma once
// The lock file that lets one process at a time lead a store. The kernel drops it when the process
// ends, however it ends. Only for this folder.
#include <string>

#include "base/result.h"

namespace herder::sqlite {

class LeaderLock {
  public:
    LeaderLock() = default;
    ~LeaderLock();
    LeaderLock(const LeaderLock&) = delete;
    LeaderLock& operator=(const LeaderLock&) = delete;

    // kConflict while another process holds it. Taking it twice is fine.
    Status take(const std::string& path);

  private:
    int file_ = -1;
};

// An error if `folder` lies on a network file system, where neither locks nor syncs can be trusted.
Status check_is_local(const std::string& folder);

}  // namespace herder::sqlite
