#pragma once
// Uploads in parts (ADR 21). A SAS that lets its holder write the blocks of a blob also lets it
// commit them, so machines never get one for the object: each upload has a container of its own,
// where each part is a blob. The server copies the parts within the account into blocks of the
// object, commits these, and deletes the container; then, or when the upload is aborted, its URLs
// lead nowhere.
#include <atomic>
#include <string>
#include <vector>

#include "adapters/objects/az/azure_client.h"
#include "ports/object_store.h"

namespace herder::az {

// In the metadata of an object: the upload that made it.
inline constexpr char kMadeBy[] = "x-ms-meta-herderupload";

class AzureUploads : public MultipartUploads {
  public:
    // Both are kept and must outlive it.
    AzureUploads(AzureClient& client, const Clock& calendar);

    UploadLimits limits() const override;
    Result<std::string> create(const std::string& key) override;
    Result<std::string> sign_part(const PendingUpload& upload, int number, Bytes size,
                                  std::optional<std::uint32_t> crc32c, WallTime expires) override;
    std::map<std::string, std::string> part_headers(std::uint32_t crc32c) const override;
    Result<std::vector<UploadPart>> parts(const PendingUpload& upload) override;
    Status complete(const PendingUpload& upload, const std::vector<UploadPart>& parts) override;
    Status abort(const PendingUpload& upload) override;
    Result<std::vector<PendingUpload>> pending(const std::string& prefix,
                                               std::size_t limit) override;
    // Whether the store was seen to copy parts by itself; else they go through this server.
    bool copies_itself() const { return copies_itself_; }

  private:
    Status check(const PendingUpload& upload) const;
    AzureRequest object_request(const std::string& method, const std::string& key) const;
    bool is_completed(const PendingUpload& upload);
    Status copy_parts(const PendingUpload& upload, const std::vector<UploadPart>& parts);
    Status copy_part(const PendingUpload& upload, const UploadPart& part);
    Status copy_through_here(const PendingUpload& upload, const UploadPart& part);
    Status commit(const PendingUpload& upload, const std::vector<UploadPart>& parts);
    remote::RemoteResult remove_container(const std::string& name);

    AzureClient& client_;
    const Clock& calendar_;
    const std::string family_;  // what the names of all containers for this place begin with
    std::atomic<bool> copies_itself_{true};
};

}  // namespace herder::az
