#include "api/parked_polls.h"

#include <algorithm>
#include <chrono>
#include <vector>

namespace herder::api {

ParkedPolls::ParkedPolls(LiveFeed& feed, Clock& clock)
    : feed_(feed), clock_(clock), thread_([this] { watch(); }) {}

ParkedPolls::~ParkedPolls() {
    stop();
}

void ParkedPolls::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void ParkedPolls::park(JobId job, Instant until, Retry retry) {
    std::uint64_t id = 0;
    {
        const std::lock_guard lock(mutex_);
        id = next_++;
        polls_[id] = Poll{stopping_ ? Instant{} : until, std::move(retry), 0};
    }
    const LiveFeed::Ticket ticket = feed_.listen(job, [this, id] { let_go(id); });
    bool gone = false;
    {
        const std::lock_guard lock(mutex_);
        const auto poll = polls_.find(id);
        gone = poll == polls_.end();
        if (!gone) poll->second.ticket = ticket;
    }
    if (gone) feed_.forget(ticket);
    changed_.notify_all();
}

void ParkedPolls::let_go(std::uint64_t id) {
    Poll poll;
    {
        const std::lock_guard lock(mutex_);
        const auto found = polls_.find(id);
        if (found == polls_.end()) return;
        poll = std::move(found->second);
        polls_.erase(found);
    }
    if (poll.ticket != 0) feed_.forget(poll.ticket);
    poll.retry();
}

void ParkedPolls::watch() {
    while (true) {
        std::vector<std::uint64_t> due;
        bool stopping = false;
        {
            std::unique_lock lock(mutex_);
            stopping = stopping_;
            const Instant now = clock_.monotonic();
            for (const auto& [id, poll] : polls_) {
                if (stopping || poll.until <= now) due.push_back(id);
            }
            // The clock may be a scaled one, so that a deadline cannot be slept for: look often.
            if (due.empty() && !stopping) changed_.wait_for(lock, std::chrono::milliseconds(20));
        }
        for (const std::uint64_t id : due)
            let_go(id);
        if (stopping && due.empty()) return;
    }
}

}  // namespace herder::api
