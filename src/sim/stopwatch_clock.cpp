#include "sim/stopwatch_clock.h"

#include <chrono>

namespace herder::sim {

namespace {

std::int64_t now_ns() {
    return std::chrono::steady_clock::now().time_since_epoch().count();
}

}  // namespace

Stopwatch::Stopwatch() : began_ns_(now_ns()) {}

double Stopwatch::seconds() const {
    return static_cast<double>(now_ns() - began_ns_) / 1e9;
}

}  // namespace herder::sim
