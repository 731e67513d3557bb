#include "adapters/system/system_clock.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fstream>

#include "base/assert.h"

namespace herder {

namespace {

std::int64_t read_us(clockid_t clock) {
    timespec t{};
    HERDER_ASSERT(clock_gettime(clock, &t) == 0);
    return static_cast<std::int64_t>(t.tv_sec) * 1'000'000 + t.tv_nsec / 1000;
}

}  // namespace

SystemClock::SystemClock(std::int64_t scale_milli)
    : scale_milli_(scale_milli),
      wall_start_us_(read_us(CLOCK_REALTIME)),
      started_(SystemClock::monotonic()) {
    HERDER_ASSERT(scale_milli > 0);
}

Instant SystemClock::monotonic() const {
    const std::int64_t real = read_us(CLOCK_BOOTTIME);
    if (scale_milli_ == 1000) return Instant{real};
    // Exact to the microsecond: in coarser steps an interval that was waited for may have been
    // shorter.
    return Instant{real / 1000 * scale_milli_ + real % 1000 * scale_milli_ / 1000};
}

WallTime SystemClock::wall() const {
    if (scale_milli_ == 1000) return WallTime{read_us(CLOCK_REALTIME)};
    return WallTime{wall_start_us_ + (monotonic() - started_).us};
}

std::string SystemClock::boot_id() const {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string id;
    if (!std::getline(file, id) || id.empty()) return {};
    return scale_milli_ == 1000 ? id : id + "/" + std::to_string(scale_milli_);
}

// tidy:allow sleep the Clock adapter is the one home of waiting
void SystemClock::sleep(Duration d) const {
    const std::int64_t real_us = d.us * 1000 / scale_milli_;
    if (real_us <= 0) return;
    const timespec wait{static_cast<time_t>(real_us / 1'000'000),
                        static_cast<long>(real_us % 1'000'000) * 1000};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &wait, nullptr);
}

void SystemClock::wait(std::unique_lock<std::mutex>& lock, std::condition_variable& changed,
                       Duration d) const {
    // Looked at again every second, so that a clock that was suspended is noticed.
    const std::int64_t real_us = std::min(d.us, minutes(10).us) * 1000 / scale_milli_;
    changed.wait_for(
        lock, std::chrono::microseconds(std::clamp<std::int64_t>(real_us, 0, seconds(1).us)));
}

}  // namespace herder
