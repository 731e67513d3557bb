#include "user_buckets.h"

#include "adapters/objects/az/azure_bucket_reader.h"
#include "adapters/objects/remote/source_endpoint.h"
#include "adapters/objects/s3/s3_bucket_reader.h"

namespace herder {

namespace {

// Somebody waits for the answer, and others in line for theirs.
constexpr int kTries = 3;
constexpr Duration kTryTimeout = seconds(20);
// Credentials that end within this time are fetched again before they sign.
constexpr Duration kRenewalAhead = minutes(1);

// The bucket alone, in one spelling.
Result<std::string> bucket_text(const BucketAddress& place) {
    if (place.scheme == BucketScheme::kAzure) {
        const auto location = az::container_of(place);
        return location ? Result<std::string>(az::to_text(*location)) : location.error();
    }
    const auto location = s3::bucket_of(place);
    return location ? Result<std::string>(s3::to_text(*location)) : location.error();
}

std::string endpoint_of(const BucketAddress& place) {
    const auto settings = http::Query::parse(place.settings);
    return settings ? settings->get("endpoint").value_or("") : "";
}

// Where requests for a bucket of Google's or Azure's go; empty for one that cannot be read.
std::string origin_of(const BucketAddress& place) {
    if (place.scheme == BucketScheme::kAzure) {
        const auto location = az::container_of(place);
        const auto address = location ? az::address_of(*location, "", "") : location.error();
        return address ? address->origin.origin() : "";
    }
    const auto location = s3::bucket_of(place);
    const auto address = location ? s3::address_of(*location, "", false, "") : location.error();
    return address ? address->origin.origin() : "";
}

// Refuses a bucket where strangers would be sent this server's credentials: the endpoints that it
// knows are those of its storages, of its environment and of the provider.
Status check_endpoint(const BucketAddress& wanted, const std::vector<StorageRecord>& known,
                      const SystemClock& world) {
    std::vector<std::string> own;
    for (const StorageRecord& record : known) {
        const auto there = parse_bucket_address(record.location);
        if (there && there->scheme == wanted.scheme) own.push_back(origin_of(*there));
    }
    BucketAddress plain = wanted;
    plain.settings.clear();
    own.push_back(origin_of(plain));
    const auto located = locate_storage({to_text(plain), ""}, "", world);
    const auto there = located ? parse_bucket_address(*located) : located.error();
    if (there) own.push_back(origin_of(*there));
    return remote::check_source_endpoint(wanted, own);
}

// Whether the storage is in the bucket that is wanted; its endpoint need not be named.
bool is_in(const BucketAddress& storage, const BucketAddress& wanted) {
    const std::string endpoint = endpoint_of(wanted);
    return storage.scheme == wanted.scheme && storage.account == wanted.account &&
           storage.bucket == wanted.bucket &&
           (endpoint.empty() || endpoint == endpoint_of(storage));
}

// For a client, 401 means that it has no right to talk to this server.
Error told(Error error) {
    if (error.code != ErrorCode::kUnauthenticated) return error;
    return {ErrorCode::kForbidden,
            error.message +
                "; the server looks into the bucket, so these have to be in its environment when "
                "it starts"};
}

// A reader with what it needs to live.
class OpenBucket : public remote::BucketReader {
  public:
    explicit OpenBucket(OpenStorage storage) : storage_(std::move(storage)) {
        if (storage_.azure)
            reader_ = std::make_unique<az::AzureBucketReader>(std::move(storage_.azure));
        else
            reader_ = std::make_unique<s3::S3BucketReader>(std::move(storage_.client));
    }
    Result<remote::BucketPage> page(const std::string& prefix, const std::string& token) override {
        return reader_->page(prefix, token);
    }
    Result<std::optional<remote::BucketObject>> look(const std::string& key) override {
        return reader_->look(key);
    }
    // Amazon's credentials and Azure's applications sign without asking anybody. Where nothing can
    // be fetched, what is at hand may still hold; what it lacks is told by the signature.
    Result<std::string> sign(const std::string& key, Duration life) override {
        if (storage_.credentials) (void)storage_.renew(kRenewalAhead);
        if (storage_.entra) (void)storage_.entra->renew_key(kRenewalAhead);
        return reader_->sign(key, life);
    }

  private:
    OpenStorage storage_;
    std::unique_ptr<remote::BucketReader> reader_;
};

}  // namespace

Result<std::vector<BucketFile>> UserBuckets::list(const std::string& source, std::size_t limit) {
    const auto place = parse_bucket_address(source);
    if (!place) return place.error();
    const auto bucket = bucket_of(*place);
    if (!bucket) return told(bucket.error());
    auto files = remote::list_data(**bucket, *place, limit);
    return files ? std::move(files) : told(files.error());
}

Result<std::string> UserBuckets::sign(const std::string& source, const std::string& path,
                                      WallTime expires) {
    const auto place = parse_bucket_address(source);
    if (!place) return place.error();
    const auto bucket = bucket_of(*place);
    if (!bucket) return told(bucket.error());
    auto url = remote::sign_data(**bucket, *place, path, expires - calendar_.wall());
    return url ? std::move(url) : told(url.error());
}

Result<remote::BucketReader*> UserBuckets::bucket_of(const BucketAddress& place) {
    const auto location = bucket_text(place);
    return location ? pool_.get(*location) : location.error();
}

Result<std::unique_ptr<remote::BucketReader>> UserBuckets::open(const std::string& location) const {
    const auto record = record_of(location);
    if (!record) return record.error();
    auto opened = connect_storage(*record, "", world_, {kTries, kTryTimeout, &stopping_});
    if (!opened) return opened.error();
    return std::make_unique<OpenBucket>(std::move(*opened));
}

// A storage of the same bucket says whose credentials open it, and where it is.
Result<StorageRecord> UserBuckets::record_of(const std::string& location) const {
    const auto wanted = parse_bucket_address(location);
    const auto known = load_storages(data_dir_);
    if (!known) return known.error();
    if (auto own = check_endpoint(*wanted, *known, world_); !own) return own.error();
    for (const StorageRecord& record : *known) {
        auto there = parse_bucket_address(record.location);
        if (!there || !is_in(*there, *wanted)) continue;
        there->key.clear();
        StorageRecord same = record;
        same.location = to_text(*there);
        return same;
    }
    StorageRecord fresh;
    const auto located = locate_storage({location, ""}, "", world_);
    if (!located) return located.error();
    fresh.location = *located;
    return fresh;
}

}  // namespace herder
