#include "worker/machine_clock.h"

#include <algorithm>
#include <ctime>

namespace herder {
namespace {

std::int64_t read_us(clockid_t id) {
    timespec t{};
    clock_gettime(id, &t);
    return std::int64_t{t.tv_sec} * 1'000'000 + t.tv_nsec / 1000;
}

}  // namespace

MachineClock::MachineClock(std::int64_t scale)
    : scale_(std::max<std::int64_t>(scale, 1)), started_us_(read_us(CLOCK_BOOTTIME)) {}

Instant MachineClock::monotonic() const {
    return {started_us_ + (read_us(CLOCK_BOOTTIME) - started_us_) * scale_};
}

WallTime MachineClock::wall() const {
    return {read_us(CLOCK_REALTIME)};
}

Duration MachineClock::real(Duration d) const {
    return {std::max<std::int64_t>(d.us, 0) / scale_};
}

Instant real_now() {
    return {read_us(CLOCK_BOOTTIME)};
}

}  // namespace herder
