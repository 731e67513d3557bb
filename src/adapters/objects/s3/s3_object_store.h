#pragma once
// The artifact store in a bucket of S3 or of what is compatible with it. Uses only what the record
// of abilities says; without an atomic put-if-absent it is safe for one process that writes unique
// keys, as the orchestrator does. Thread-safe.
#include <memory>
#include <mutex>

#include "adapters/objects/remote/abilities.h"
#include "adapters/objects/remote/remote_store.h"
#include "adapters/objects/s3/s3_client.h"
#include "adapters/objects/s3/s3_uploads.h"
#include "ports/object_store.h"

namespace herder::s3 {

class S3ObjectStore : public remote::RemoteStore {
  public:
    // `calendar`: the clock that expiry times are of (it may be scaled).
    S3ObjectStore(std::unique_ptr<S3Client> client, remote::Abilities abilities,
                  const Clock& calendar);

    Status put(const std::string& key, const std::string& data, bool only_if_absent) override;
    Result<std::string> get(const std::string& key, std::size_t limit) override;
    Result<ObjectInfo> head(const std::string& key) override;
    Result<std::vector<ObjectInfo>> list(const std::string& prefix, std::size_t limit) override;
    Status remove(const std::string& key) override;
    // For at most seven days, or as long as temporary credentials hold.
    Result<std::string> sign(UrlVerb verb, const std::string& key, WallTime expires) override;
    MultipartUploads* multipart() override;
    std::optional<WallTime> told_now() const override { return client_->told_now(); }
    Status put_file(const std::string& key, const std::string& file, std::uint32_t crc32c,
                    bool only_if_absent) override;

    const remote::Abilities& abilities() const { return abilities_; }
    S3Client& client() { return *client_; }

  private:
    Result<std::string> full_key(const std::string& key) const;
    Status put_request(const std::string& key, S3Request request, bool only_if_absent);

    const std::unique_ptr<S3Client> client_;
    const remote::Abilities abilities_;
    const Clock& calendar_;
    S3Uploads uploads_;
    std::mutex puts_;  // held from look to put where the store cannot do both at once
};

}  // namespace herder::s3
