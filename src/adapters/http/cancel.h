#pragma once
// A one-way switch that breaks blocking HTTP calls from another thread. It cannot be reset; make a
// new one for the next run.
#include <atomic>

namespace herder::http {

class CancelToken {
  public:
    CancelToken();
    ~CancelToken();
    CancelToken(const CancelToken&) = delete;
    CancelToken& operator=(const CancelToken&) = delete;

    // Any thread, any number of times. Calls in flight and later ones return kCancelled.
    void cancel();
    bool is_cancelled() const { return cancelled_.load(std::memory_order_acquire); }
    // Readable once cancelled; for poll().
    int descriptor() const { return descriptor_; }

  private:
    std::atomic<bool> cancelled_{false};
    int descriptor_ = -1;
};

}  // namespace herder::http
