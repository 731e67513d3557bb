#pragma once
// A user's container at Azure.
#include <memory>

#include "adapters/objects/az/azure_client.h"
#include "adapters/objects/remote/bucket_reader.h"

namespace herder::az {

class AzureBucketReader : public remote::BucketReader {
  public:
    // The location's prefix plays no part.
    explicit AzureBucketReader(std::unique_ptr<AzureClient> client) : client_(std::move(client)) {}
    Result<remote::BucketPage> page(const std::string& prefix, const std::string& token) override;
    Result<std::optional<remote::BucketObject>> look(const std::string& key) override;
    Result<std::string> sign(const std::string& key, Duration life) override;

  private:
    const std::string& container() const { return client_->location().container; }

    const std::unique_ptr<AzureClient> client_;
};

}  // namespace herder::az
