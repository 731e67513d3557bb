#include "adapters/objects/s3/s3_bucket_reader.h"

#include "adapters/objects/s3/object_pages.h"

namespace herder::s3 {

Result<remote::BucketPage> S3BucketReader::page(const std::string& prefix,
                                                const std::string& token) {
    auto listed = list_page(*client_, {.prefix = prefix, .token = token});
    if (!listed) return listed.error();
    remote::BucketPage page{{}, std::move(listed->token)};
    for (ListedObject& object : listed->objects)
        page.objects.push_back({std::move(object.key), object.size, std::move(object.etag)});
    return page;
}

Result<std::optional<remote::BucketObject>> S3BucketReader::look(const std::string& key) {
    S3Request request;
    request.method = "HEAD";
    request.key = key;
    const auto done = client_->call(request);
    if (!done && done.error().error.code == ErrorCode::kNotFound) {
        // A HEAD does not say whether it is the object that is missing, or all of the bucket.
        const auto listed = list_page(*client_, {.prefix = key, .token = "", .entries_max = 1});
        if (!listed && listed.error().code == ErrorCode::kNotFound) return listed.error();
        return std::optional<remote::BucketObject>();
    }
    if (!done) return done.error().error;
    return std::optional(remote::object_of(key, done->response.headers));
}

Result<std::string> S3BucketReader::sign(const std::string& key, Duration life) {
    S3Request request;
    request.key = key;
    return client_->presign(request, life);
}

}  // namespace herder::s3
