#pragma once
// Remembers what had to be done again during a transfer and why, and tells it in a few lines once
// the transfer has ended. Thread-safe.
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "base/result.h"

namespace herder {

class RetryNotes {
  public:
    void add(const Error& why);
    // "NAME: 3 parts were sent again: WHY" for each reason; nothing where all went well.
    void tell(const std::string& name, const std::string& what,
              const std::function<void(const std::string& line)>& say) const;

  private:
    mutable std::mutex mutex_;
    std::map<std::string, int> counts_;  // by reason; guarded by mutex_
};

}  // namespace herder
