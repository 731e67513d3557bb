#pragma once
// gpu_profiles.yaml: named kinds of machines with their limits, which job files refer to. Reads and
// checks; what a job makes of a profile is job_file.h's business.
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/money.h"
#include "base/time.h"
#include "config/diagnostics.h"
#include "core/jobs/spec.h"

namespace herder::config {

// A limit of the price, either of the whole machine or of each of its GPUs.
struct PriceLimit {
    UsdPerHour amount{};
    bool per_gpu = false;
    // What the whole machine may cost with so many GPUs.
    UsdPerHour of_machine(int gpus) const { return per_gpu ? amount * gpus : amount; }
    bool operator==(const PriceLimit&) const = default;
};

struct Profile {
    std::string name;
    std::string file;     // as named in origins
    int line = 0;         // of its name in the file
    Place price_place{};  // of max_dph, for the warning about it
    std::optional<std::string> gpu_name;
    std::optional<int> gpu_count;
    std::optional<PriceLimit> price_max;
    std::optional<int> reliability_min_ppm;
    std::optional<Duration> max_duration;
    std::optional<Market> market;
    std::optional<Bytes> disk;
    std::optional<std::string> image;
    bool operator==(const Profile&) const = default;
};

struct Profiles {
    std::vector<Profile> all{};  // in the order of the file, `extends` applied

    const Profile* find(const std::string& name) const;
    std::vector<std::string> names() const;
    // Takes those whose names are new from a file that counts less.
    void add_missing(const Profiles& farther);
};

// Reports into `out`, which was made of the same file; what was readable is returned.
Profiles parse_profiles(const std::string& text, Diagnostics& out);

}  // namespace herder::config
