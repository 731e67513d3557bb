#include "adapters/objects/az/azure_bucket_reader.h"

#include "adapters/objects/az/blob_pages.h"

namespace herder::az {

Result<remote::BucketPage> AzureBucketReader::page(const std::string& prefix,
                                                   const std::string& token) {
    auto listed = list_page(*client_, {container(), prefix, token, {}});
    if (!listed) return listed.error();
    remote::BucketPage page{{}, std::move(listed->marker)};
    for (ListedBlob& blob : listed->blobs) {
        // In listings Azure leaves out the quotes that a condition wants.
        const std::string etag = blob.etag.empty() ? "" : "\"" + blob.etag + "\"";
        page.objects.push_back({std::move(blob.name), blob.size, etag});
    }
    return page;
}

Result<std::optional<remote::BucketObject>> AzureBucketReader::look(const std::string& key) {
    AzureRequest request;
    request.method = "HEAD";
    request.container = container();
    request.blob = key;
    const auto done = client_->call(request);
    if (!done && done.error().code == "ContainerNotFound") {
        const Status there = client_->check();
        return there ? done.error().error : there.error();
    }
    if (!done && done.error().error.code == ErrorCode::kNotFound)
        return std::optional<remote::BucketObject>();
    if (!done) return done.error().error;
    return std::optional(remote::object_of(key, done->response.headers));
}

Result<std::string> AzureBucketReader::sign(const std::string& key, Duration life) {
    return client_->sign(container(), key, "r", life);
}

}  // namespace herder::az
