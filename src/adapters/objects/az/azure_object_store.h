#pragma once
// The artifact store in a container of Azure Blob Storage. Thread-safe.
#include <memory>

#include "adapters/objects/az/azure_client.h"
#include "adapters/objects/az/azure_uploads.h"
#include "adapters/objects/remote/remote_store.h"

namespace herder::az {

class AzureObjectStore : public remote::RemoteStore {
  public:
    // `calendar`: the clock that expiry times are of (it may be scaled).
    AzureObjectStore(std::unique_ptr<AzureClient> client, const Clock& calendar);

    Status put(const std::string& key, const std::string& data, bool only_if_absent) override;
    Result<std::string> get(const std::string& key, std::size_t limit) override;
    Result<ObjectInfo> head(const std::string& key) override;
    Result<std::vector<ObjectInfo>> list(const std::string& prefix, std::size_t limit) override;
    Status remove(const std::string& key) override;
    // For at most seven days. A PUT with such a URL wants the header x-ms-blob-type: BlockBlob.
    Result<std::string> sign(UrlVerb verb, const std::string& key, WallTime expires) override;
    MultipartUploads* multipart() override { return &uploads_; }
    std::optional<WallTime> told_now() const override { return client_->told_now(); }
    // At most 5,000 MiB; the store does not verify the checksum.
    Status put_file(const std::string& key, const std::string& file, std::uint32_t crc32c,
                    bool only_if_absent) override;

    AzureClient& client() { return *client_; }

  private:
    Result<AzureRequest> request_for(const std::string& method, const std::string& key) const;
    Status put_request(const std::string& key, AzureRequest request, bool only_if_absent);

    const std::unique_ptr<AzureClient> client_;
    const Clock& calendar_;
    AzureUploads uploads_;
};

}  // namespace herder::az
