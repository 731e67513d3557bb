#include "sim/stopwatch_clock.h"

#include <chrono>
#include <ctime>

namespace herder::sim {

namespace {

std::int64_t now_ns() {
    return std::chrono::steady_clock::now().time_since_epoch().count();
}

std::int64_t cpu_ns() {
    timespec used{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return std::int64_t{used.tv_sec} * 1'000'000'000 + used.tv_nsec;
}

}  // namespace

Stopwatch::Stopwatch() : began_ns_(now_ns()), began_cpu_ns_(cpu_ns()) {}

double Stopwatch::cpu_seconds() const {
    return static_cast<double>(cpu_ns() - began_cpu_ns_) / 1e9;
}

double Stopwatch::seconds() const {
    return static_cast<double>(now_ns() - began_ns_) / 1e9;
}

}  // namespace herder::sim
