#pragma once
// The buckets of users that are open: each is opened at first use and kept. Opening waits for the
// network; whoever wants another bucket does not wait for that. Thread-safe.
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "adapters/objects/remote/bucket_reader.h"
#include "ports/clock.h"

namespace herder::remote {

class BucketPool {
  public:
    using Open = std::function<Result<std::unique_ptr<BucketReader>>(const std::string& location)>;
    // For so long a bucket that did not answer is not asked again: those who wait in line behind it
    // get its error at once.
    static constexpr Duration kRest = seconds(20);
    static constexpr std::size_t kBucketsMax = 1000;

    BucketPool(Open open, const Clock& clock) : open_(std::move(open)), clock_(clock) {}
    // Lives as long as the pool.
    Result<BucketReader*> get(const std::string& location);

  private:
    struct Place {
        std::mutex mutex;  // guards all below
        std::unique_ptr<BucketReader> reader;
        std::optional<Error> failure;  // that it did not answer
        Instant failed_at;
    };

    Place* place_of(const std::string& location);

    const Open open_;
    const Clock& clock_;
    std::mutex mutex_;                     // guards the map, not what is in it
    std::map<std::string, Place> places_;  // by location
};

}  // namespace herder::remote
