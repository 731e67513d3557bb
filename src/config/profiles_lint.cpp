#include "config/profiles_lint.h"

#include <algorithm>

namespace herder::config {

namespace {

// The help of the price trap: what was probably meant.
std::string help_for(const Profile& profile, UsdPerHour cheapest) {
    const PriceLimit limit = *profile.price_max;
    const int gpus = profile.gpu_count.value_or(1);
    if (limit.per_gpu || gpus < 2) {
        return "raise it to " + to_decimal(cheapest) + " or more, or ask for market: spot";
    }
    if (limit.amount * gpus < cheapest) {
        return "max_dph is the price of the whole machine; raise it to " + to_decimal(cheapest) +
               " or more";
    }
    return "for " + to_decimal(limit.amount) +
           " per GPU write max_dph_per_gpu: " + to_decimal(limit.amount);
}

Diagnostic warning_for(const Profile& profile, const CheapestOffer& offer) {
    Diagnostic warning{.severity = Severity::kWarning,
                       .place = profile.price_place,
                       .pointer = "/profiles/" + profile.name,
                       .message = "no offer matches " + profile.name,
                       .help = {},
                       .mark = {}};
    if (!offer.price) {
        warning.place = {profile.line, 3, static_cast<int>(profile.name.size())};
        warning.mark = "no machine with " + describe_gpus(profile) + " is offered now";
        return warning;
    }
    warning.mark = "cheapest " + describe_gpus(profile) + " now is " + to_text(*offer.price);
    warning.help = help_for(profile, *offer.price);
    return warning;
}

}  // namespace

std::string describe_gpus(const Profile& profile) {
    return std::to_string(profile.gpu_count.value_or(1)) + "x " +
           profile.gpu_name.value_or("any GPU");
}

int lint_profiles(const Profiles& profiles, const std::vector<CheapestOffer>& offers,
                  Diagnostics& out) {
    int warnings = 0;
    for (const Profile& profile : profiles.all) {
        const auto offer = std::find_if(offers.begin(), offers.end(), [&](const CheapestOffer& o) {
            return o.profile == profile.name;
        });
        if (offer == offers.end()) continue;
        const int gpus = profile.gpu_count.value_or(1);
        const bool affordable =
            offer->price &&
            (!profile.price_max || *offer->price <= profile.price_max->of_machine(gpus));
        if (affordable) continue;
        out.add(warning_for(profile, *offer));
        ++warnings;
    }
    return warnings;
}

}  // namespace herder::config
