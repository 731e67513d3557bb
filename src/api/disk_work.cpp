#include "api/disk_work.h"

namespace herder::api {

DiskWork::DiskWork(std::size_t waiting_max, std::size_t threads) : waiting_max_(waiting_max) {
    while (threads_.size() < threads)
        threads_.emplace_back([this] { loop(); });
}

DiskWork::~DiskWork() {
    stop();
}

bool DiskWork::run(Task task) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || tasks_.size() >= waiting_max_) return false;
        tasks_.push_back(std::move(task));
    }
    changed_.notify_one();
    return true;
}

void DiskWork::stop() {
    std::deque<Task> dropped;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        dropped.swap(tasks_);
    }
    changed_.notify_all();
    dropped.clear();  // whoever waits for them learns it before the tasks at work have ended
    for (std::thread& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

void DiskWork::loop() {
    while (true) {
        Task task;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
            if (stopping_) return;
            task = std::move(tasks_.front());
            tasks_.pop_front();
        }
        task();
    }
}

}  // namespace herder::api
