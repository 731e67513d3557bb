#pragma once
// A thread for what reads or writes files at length, so that neither the engine nor the server's
// threads wait for a disk: hashing uploads and outputs, reading logs.
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace herder::api {

class DiskWork {
  public:
    using Task = std::function<void()>;

    explicit DiskWork(std::size_t waiting_max = 256);
    ~DiskWork();
    DiskWork(const DiskWork&) = delete;
    DiskWork& operator=(const DiskWork&) = delete;

    // Any thread. False, and the task is dropped, when too many wait or it has stopped.
    bool run(Task task);
    // Ends the task at work and drops those that wait.
    void stop();

  private:
    void loop();

    const std::size_t waiting_max_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Task> tasks_;  // guarded by mutex_, like all below
    bool stopping_ = false;
    std::thread thread_;  // last: it uses all of the above from its first moment
};

}  // namespace herder::api
