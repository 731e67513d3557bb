#include "core/provisioner/boot_time.h"

#include <algorithm>

namespace herder {

namespace {

// Provisioning, container start and agent, without any pull (API reference 4.3: about 30 s with a
// cached image, 2026-08).
constexpr Duration kBootWithoutPull = minutes(1);
// Hosts share their links and registries throttle: the same image takes several times longer.
constexpr std::int64_t kPatience = 3;
constexpr Duration kSlack = minutes(2);
constexpr std::size_t kImagesMax = 200;

}  // namespace

void learn_boot(BootRecords& records, const std::string& image, int download_mbps, Duration took,
                Instant now) {
    if (download_mbps <= 0 || took < Duration{}) return;
    BootRecord& record = records[image];
    const Duration pulled = std::max(took - kBootWithoutPull, Duration{});
    const std::int64_t seen = pulled.whole_milliseconds() * download_mbps / 1000;
    record.megabits = std::max(seen, record.megabits - record.megabits / 10);
    ++record.boots;
    record.newest = now;
    if (records.size() <= kImagesMax) return;
    records.erase(std::min_element(
        records.begin(), records.end(),
        [](const auto& a, const auto& b) { return a.second.newest < b.second.newest; }));
}

Duration boot_deadline(const BootRecords& records, const std::string& image, int download_mbps,
                       const BootLimits& limits) {
    const auto found = records.find(image);
    if (found == records.end() || download_mbps <= 0) return limits.unknown;
    const Duration pull = seconds(found->second.megabits / download_mbps);
    return std::clamp((kBootWithoutPull + pull) * kPatience + kSlack, limits.least, limits.most);
}

}  // namespace herder
