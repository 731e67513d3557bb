#include "user_buckets.h"

namespace herder {

namespace {

// Somebody waits for the answer, and others in line for theirs.
constexpr Patience kPatience{3, seconds(20)};

}  // namespace

Result<std::vector<BucketFile>> UserBuckets::list(const std::string& source, std::size_t limit) {
    const auto place = s3::parse_data_place(source);
    if (!place) return place.error();
    const auto client = client_of(*place);
    if (!client) return client.error();
    return s3::list_data(**client, *place, limit);
}

Result<std::string> UserBuckets::sign(const std::string& source, const std::string& path,
                                      WallTime expires) {
    const auto place = s3::parse_data_place(source);
    if (!place) return place.error();
    const auto client = client_of(*place);
    if (!client) return client.error();
    return s3::sign_data(**client, *place, path, expires - calendar_.wall());
}

Result<s3::S3Client*> UserBuckets::client_of(const s3::DataPlace& place) {
    const std::string name = s3::to_text(place.location);
    const std::lock_guard lock(mutex_);
    auto found = open_.find(name);
    if (found == open_.end()) {
        const auto record = record_of(place.location);
        if (!record) return record.error();
        auto opened = connect_storage(*record, "", world_, kPatience);
        if (!opened) return opened.error();
        found = open_.emplace(name, std::move(*opened)).first;
    }
    return found->second.client.get();
}

// A storage of the same bucket says whose credentials open it, and where it is.
Result<StorageRecord> UserBuckets::record_of(const s3::Location& location) const {
    const auto known = load_storages(data_dir_);
    if (!known) return known.error();
    for (const StorageRecord& record : *known) {
        auto there = s3::parse_location(record.location);
        if (!there || there->bucket != location.bucket || there->dialect != location.dialect)
            continue;
        if (!location.endpoint.empty() && location.endpoint != there->endpoint) continue;
        there->prefix.clear();
        StorageRecord same = record;
        same.location = s3::to_text(*there);
        return same;
    }
    StorageRecord fresh;
    const auto located = locate_storage({s3::to_text(location), ""}, "", world_);
    if (!located) return located.error();
    fresh.location = *located;
    return fresh;
}

}  // namespace herder
