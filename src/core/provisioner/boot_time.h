#pragma once
// How long a machine may take from the rent call's answer until its agent joins: learned for each
// image from the machines that did, since a pull lasts as long as the image is large and the host's
// link slow. Without experience a constant. Pure.
//
// Example: image X once joined 7 minutes after it was bound on a host of 400 Mb/s. One minute is
// any boot's; the other six make 144,000 Mb of pulling. On a host of 100 Mb/s the same image is
// expected after 25 minutes and given up after 77; on one of 2,000 Mb/s after 8.
#include <cstdint>
#include <map>
#include <string>

#include "base/time.h"

namespace herder {

// What is known of one image.
struct BootRecord {
    int boots = 0;
    std::int64_t megabits = 0;  // seems to be pulled, as far as time and the host's link tell
    Instant newest;
    bool operator==(const BootRecord&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.boots);
        v(2, s.megabits);
        v(3, s.newest);
    }
};

using BootRecords = std::map<std::string, BootRecord>;

struct BootLimits {
    Duration unknown = minutes(15);  // for an image, or a host's link, that is not known
    Duration least = minutes(5);
    Duration most = hours(1);
};

// After an agent joined `took` after its machine was bound. Machines that had the image already
// lower the estimate only slowly.
void learn_boot(BootRecords& records, const std::string& image, int download_mbps, Duration took,
                Instant now);

Duration boot_deadline(const BootRecords& records, const std::string& image, int download_mbps,
                       const BootLimits& limits);

}  // namespace herder
