#pragma once
// Multipart uploads of a bucket: created, completed and aborted here, their parts sent by whoever
// holds a URL.
#include "adapters/objects/remote/abilities.h"
#include "adapters/objects/s3/s3_client.h"
#include "ports/object_store.h"

namespace herder::s3 {

class S3Uploads : public MultipartUploads {
  public:
    // All are kept and must outlive it.
    S3Uploads(S3Client& client, const remote::Abilities& abilities, const Clock& calendar)
        : client_(client), abilities_(abilities), calendar_(calendar) {}

    UploadLimits limits() const override;
    Result<std::string> create(const std::string& key) override { return create_marked(key, ""); }
    Result<std::string> create_marked(const std::string& key, const std::string& mark) override;
    Result<std::string> sign_part(const PendingUpload& upload, int number, Bytes size,
                                  std::optional<std::uint32_t> crc32c, WallTime expires) override;
    std::map<std::string, std::string> part_headers(std::uint32_t crc32c) const override;
    Result<std::vector<UploadPart>> parts(const PendingUpload& upload) override;
    Status complete(const PendingUpload& upload, const std::vector<UploadPart>& parts) override;
    Status abort(const PendingUpload& upload) override;
    Result<std::vector<PendingUpload>> pending(const std::string& prefix,
                                               std::size_t limit) override;

  private:
    Result<S3Request> request_for(const std::string& method, const PendingUpload& upload) const;
    Error completion_failed(const PendingUpload& upload, const S3Refusal& refusal);

    S3Client& client_;
    const remote::Abilities& abilities_;
    const Clock& calendar_;
};

// The header that keeps an upload's mark, of the request that begins it and of its object.
const char* mark_header(Dialect dialect);

// "2026-11-28T10:00:00.000Z" as S3 writes it; the epoch for what it does not read.
WallTime parse_iso_time(const std::string& text);

}  // namespace herder::s3
