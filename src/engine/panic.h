#pragma once
// The end of everything that an account rents under our labels, straight through the provider and
// without the state: for when the server is gone or may not be trusted. Foreign labels are left
// alone.
#include <cstddef>
#include <functional>
#include <vector>

#include "core/provisioner/intent.h"
#include "core/provisioner/label.h"
#include "ports/provider.h"

namespace herder {

struct Rented {
    std::vector<ListedMachine> ours;
    std::size_t foreign = 0;
    UsdPerHour rate;  // of ours, GPUs and disks
};
// A complete listing, or the error that says why there is none.
Result<Rented> list_rented(Provider& provider, const ClusterIdentity& cluster);

struct PanicOptions {
    int rounds = 40;
    // Complete listings in a row without one of ours; listings lag, by a minute at times.
    int listings_to_be_sure = 2;
    // Between two rounds; false ends the attempt.
    std::function<bool()> wait;
    // After each round: how many are still there.
    std::function<void(std::size_t left)> progress;
};
// Destroys them until enough complete listings in a row have none: a call that was taken closes
// nothing. Returns those that were left when the rounds or the patience ended; a listing that
// cannot be read counts as a round.
Result<std::vector<ListedMachine>> end_all(Provider& provider, const ClusterIdentity& cluster,
                                           const PanicOptions& options);

}  // namespace herder
