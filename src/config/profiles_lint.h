#pragma once
// Warns where no offer of today can satisfy a profile, above all where max_dph was meant per GPU.
// Pure: the caller asks the market.
#include <optional>
#include <string>
#include <vector>

#include "config/diagnostics.h"
#include "config/gpu_profiles.h"

namespace herder::config {

// The cheapest offer now with the profile's GPUs, whatever its price.
struct CheapestOffer {
    std::string profile;
    std::optional<UsdPerHour> price;  // whole machine; nothing: no such machine at all
};

// "1x RTX_4090".
std::string describe_gpus(const Profile& profile);

// Adds one warning for each profile that no offer fits; returns how many.
int lint_profiles(const Profiles& profiles, const std::vector<CheapestOffer>& offers,
                  Diagnostics& out);

}  // namespace herder::config
