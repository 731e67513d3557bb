#include "worker/container_age.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

namespace herder {

namespace {

// Process 1 of a host is older than any boot of an agent takes.
constexpr Duration kBootMax = minutes(30);

std::string read_text(const char* path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

Duration process_age(const std::string& stat, const std::string& uptime, long ticks_per_second) {
    // The name in parentheses may hold blanks: count fields from behind it.
    const std::size_t name_end = stat.rfind(')');
    if (name_end == std::string::npos || ticks_per_second <= 0) return {};
    std::istringstream fields(stat.substr(name_end + 1));
    std::string field;
    for (int number = 3; number <= 22; ++number) {
        if (!(fields >> field)) return {};
    }
    const double started =
        std::strtod(field.c_str(), nullptr) / static_cast<double>(ticks_per_second);
    const double age = std::strtod(uptime.c_str(), nullptr) - started;
    return age > 0 ? Duration{static_cast<std::int64_t>(age * 1e6)} : Duration{};
}

Duration container_age() {
    const std::string uptime = read_text("/proc/uptime");
    const long ticks = sysconf(_SC_CLK_TCK);
    const Duration own = process_age(read_text("/proc/self/stat"), uptime, ticks);
    const Duration first = process_age(read_text("/proc/1/stat"), uptime, ticks);
    return first >= own && first - own < kBootMax ? first : own;
}

}  // namespace herder
