#pragma once
// A user's bucket over S3's or Google's interface.
#include <memory>

#include "adapters/objects/remote/bucket_reader.h"
#include "adapters/objects/s3/s3_client.h"

namespace herder::s3 {

class S3BucketReader : public remote::BucketReader {
  public:
    // The location's prefix plays no part.
    explicit S3BucketReader(std::unique_ptr<S3Client> client) : client_(std::move(client)) {}
    Result<remote::BucketPage> page(const std::string& prefix, const std::string& token) override;
    Result<std::optional<remote::BucketObject>> look(const std::string& key) override;
    Result<std::string> sign(const std::string& key, Duration life) override;

  private:
    const std::unique_ptr<S3Client> client_;
};

}  // namespace herder::s3
