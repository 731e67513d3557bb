#pragma once
// What a job has left, kept from page to page: whoever reads a long list asks the store for it once
// and sees it as it was then. For one thread.
#include <string>
#include <vector>

#include "base/time.h"
#include "ports/object_store.h"
#include "protocol/output_hashes.h"

namespace herder::api {

class OutputListings {
  public:
    struct Listing {
        std::vector<ObjectInfo> objects;
        protocol::OutputHashes hashes;  // as the machines told them that stored the files
    };
    struct Place {
        std::string prefix;  // of the job's outputs
        std::string hashes_key;
    };

    // Read from the store where it `begins`, or where another job's was read since, or long ago.
    // Valid until the next call.
    Result<const Listing*> get(ObjectStore& objects, const Place& place, bool begins, WallTime now);
    // Its last page is given.
    void forget();

  private:
    std::string prefix_;  // of the one that is kept; empty: none
    WallTime read_at_;
    Listing kept_;
};

}  // namespace herder::api
