#include "api/live_feed.h"

#include <set>
#include <vector>

namespace herder::api {

LiveFeed::Ticket LiveFeed::listen(JobId job, Bell bell) {
    const std::lock_guard lock(mutex_);
    const Ticket ticket = next_++;
    listeners_.emplace(ticket, Listener{job, std::move(bell)});
    return ticket;
}

void LiveFeed::forget(Ticket ticket) {
    const std::lock_guard lock(mutex_);
    listeners_.erase(ticket);
}

void LiveFeed::ring(JobId job) {
    std::vector<Bell> bells;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [ticket, listener] : listeners_) {
            if (!listener.job || listener.job == job) bells.push_back(listener.bell);
        }
    }
    for (const Bell& bell : bells)
        bell();
}

void LiveFeed::ring(const Output& output) {
    std::set<JobId> jobs;
    for (const Event& event : output.events) {
        if (event.job) jobs.insert(event.job);
    }
    for (const JobId job : jobs)
        ring(job);
}

}  // namespace herder::api
