#pragma once
// One answer for all who wait for the same question: a listing of hundreds of machines takes many
// calls. Whoever asks while one is under way gets the next one, made for all who wait by then;
// never the one under way, which began before they asked and may not show what made them ask.
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "base/result.h"

namespace herder::vast {

template <class T>
class SharedCall {
  public:
    // Blocks for at most two runs of `make`, which has its own deadlines. Any thread.
    Result<T> get(const std::function<Result<T>()>& make) {
        std::unique_lock lock(mutex_);
        if (is_under_way_) {
            const std::shared_ptr<Round> round = join();
            ++waiting_;
            changed_.wait(lock, [&] { return round->answer || !is_under_way_; });
            --waiting_;
            if (round->answer) return *round->answer;
            // The first to wake makes the call for the whole round.
        }
        const std::shared_ptr<Round> round = join();
        next_ = nullptr;
        is_under_way_ = true;
        lock.unlock();
        Result<T> answer = make();
        lock.lock();
        is_under_way_ = false;
        round->answer = answer;
        changed_.notify_all();
        return answer;
    }

    // How many wait now for a run that has not begun or ended.
    std::size_t waiting() const {
        const std::lock_guard lock(mutex_);
        return waiting_;
    }

  private:
    struct Round {
        std::optional<Result<T>> answer;
    };
    // Shared by all who wait for one answer; the last of them drops it.
    std::shared_ptr<Round> join() {
        if (!next_) next_ = std::make_shared<Round>();
        return next_;
    }

    mutable std::mutex mutex_;  // guards all below
    std::condition_variable changed_;
    bool is_under_way_ = false;
    std::size_t waiting_ = 0;
    std::shared_ptr<Round> next_;  // that has not begun
};

}  // namespace herder::vast
