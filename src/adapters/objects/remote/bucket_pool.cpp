#include "adapters/objects/remote/bucket_pool.h"

namespace herder::remote {

std::shared_ptr<BucketPool::Place> BucketPool::place_of(const std::string& location) {
    const std::lock_guard lock(mutex_);
    if (const auto found = places_.find(location); found != places_.end()) return found->second;
    if (places_.size() >= kBucketsMax) make_room();
    if (places_.size() >= kBucketsMax) return nullptr;
    return places_[location] = std::make_shared<Place>();
}

void BucketPool::make_room() {
    std::erase_if(places_, [](const auto& entry) {
        Place& place = *entry.second;
        // Somebody is there, and may have it open in a moment. Nobody else comes meanwhile.
        if (entry.second.use_count() > 1) return false;
        const std::lock_guard lock(place.mutex);
        return !place.reader;
    });
}

Result<BucketReader*> BucketPool::get(const std::string& location) {
    const std::shared_ptr<Place> place = place_of(location);
    if (!place) {
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
    // It took its time, or asks for some. Another error came at once, and may be put right
    // meanwhile.
    if (is_retryable(opened.error().code)) {
        place->failure = opened.error();
        place->failed_at = clock_.monotonic();
    }
    return opened.error();
}

}  // namespace herder::remote
