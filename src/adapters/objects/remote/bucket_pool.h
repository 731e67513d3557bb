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
    // For so long a bucket that did not answer, or that was asked too much, is not asked again:
    // those who wait in line behind it get its error at once.
    static constexpr Duration kRest = seconds(20);
    // Open ones; what could not be opened makes room.
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

    std::shared_ptr<Place> place_of(const std::string& location);
    void make_room();  // mutex_ is held

    const Open open_;
    const Clock& clock_;
    std::mutex mutex_;  // guards the map, not what is in it
    // By location. Whoever is at a place holds it as well.
    std::map<std::string, std::shared_ptr<Place>> places_;
};

}  // namespace herder::remote
