#pragma once
// Who fetches something into a host's cache of data: one at a time, among all threads and processes
// that use the folder. The kernel ends the flight of a process that dies.
#include <functional>
#include <string>

#include "adapters/http/cancel.h"

namespace herder {

class CacheFlight {
  public:
    // Waits until nobody else fetches `key`, or `cancel`, or for half an hour: whoever is slower
    // than that may be stuck, and doubled work is better than none. `on_wait` is called once if it
    // has to wait. Things with different keys rarely wait for each other.
    CacheFlight(const std::string& folder, const std::string& key, const http::CancelToken& cancel,
                const std::function<void()>& on_wait);
    ~CacheFlight();
    CacheFlight(const CacheFlight&) = delete;
    CacheFlight& operator=(const CacheFlight&) = delete;

  private:
    int fd_ = -1;
};

}  // namespace herder
