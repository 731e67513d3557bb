#pragma once
// The jobs that wait for a machine, highest priority first, then oldest first.
#include <compare>
#include <cstdint>
#include <set>

#include "base/id.h"
#include "base/time.h"

namespace herder {

struct ReadyKey {
    int rank = 0;  // 100 - priority, so that the set's order is the queue's order
    Instant submitted;
    JobId job;
    auto operator<=>(const ReadyKey&) const = default;
};

inline ReadyKey make_ready_key(int priority, Instant submitted, JobId job) {
    return {100 - priority, submitted, job};
}

using ReadyQueue = std::set<ReadyKey>;

}  // namespace herder
