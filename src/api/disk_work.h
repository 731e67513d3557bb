#pragma once
// Threads for what waits for a disk or a store at length, so that neither the engine nor the
// server's threads do: hashing uploads and outputs, reading logs. One takes what comes in order.
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace herder::api {

class DiskWork {
  public:
    using Task = std::function<void()>;

    explicit DiskWork(std::size_t waiting_max = 256, std::size_t threads = 1);
    ~DiskWork();
    DiskWork(const DiskWork&) = delete;
    DiskWork& operator=(const DiskWork&) = delete;

    // Any thread. False, and the task is dropped, when too many wait or it has stopped.
    bool run(Task task);
    // Ends the tasks at work and drops those that wait.
    void stop();

  private:
    void loop();

    const std::size_t waiting_max_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Task> tasks_;  // guarded by mutex_, like all below
    bool stopping_ = false;
    std::vector<std::thread> threads_;  // last: they use all of the above from their first moment
};

}  // namespace herder::api
