#include "adapters/objects/remote/bucket_pool.h"

namespace herder::remote {

BucketPool::Place* BucketPool::place_of(const std::string& location) {
    const std::lock_guard lock(mutex_);
    if (const auto found = places_.find(location); found != places_.end()) return &found->second;
    return places_.size() < kBucketsMax ? &places_[location] : nullptr;
}

Result<BucketReader*> BucketPool::get(const std::string& location) {
    Place* const place = place_of(location);
    if (place == nullptr) {
        return Error{ErrorCode::kNoCapacity,
                     "data was taken from " + std::to_string(kBucketsMax) +
                         " buckets since the server started, which is its limit; start it again"};
    }
    const std::lock_guard lock(place->mutex);
    if (place->reader) return place->reader.get();
    if (place->failure && clock_.monotonic() < place->failed_at + kRest) return *place->failure;
    place->failure.reset();
    auto opened = open_(location);
    if (opened) {
        place->reader = std::move(*opened);
        return place->reader.get();
    }
    // Another error came at once, and may be put right meanwhile.
    if (opened.error().code == ErrorCode::kUnavailable) {
        place->failure = opened.error();
        place->failed_at = clock_.monotonic();
    }
    return opened.error();
}

}  // namespace herder::remote
