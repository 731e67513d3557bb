#pragma once
// Where a server's artifacts lie, a folder beside the database or a bucket, and what the listeners
// and the API need of either.
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "adapters/http/message.h"
#include "adapters/objects/file/file_object_store.h"
#include "adapters/system/system_clock.h"
#include "api/exchange.h"
#include "storage.h"

namespace herder {

class ArtifactHome {
  public:
    struct Options {
        std::string data_dir;
        StorageWish wish;    // where nothing is wanted: as before, at first the folder
        std::string prefix;  // part of every key; may be empty
        std::string owner;   // this cluster's name, left in a bucket for other servers to see
        std::string secret;  // of the folder's signed URLs
        std::function<std::string()> base_url;  // of the folder's signed URLs
        const http::CancelToken* stopping;      // ends all waiting for a bucket; outlives this
    };
    // `calendar`: the server's clock, which outlives this. Probes a bucket that is new here.
    static Result<std::unique_ptr<ArtifactHome>> open(const Options& options,
                                                      const Clock& calendar);

    ObjectStore& objects() { return *objects_; }
    // "folder", or the bucket's name and location.
    std::string words() const;
    // Now, as the store's own calendar has it: never scaled.
    WallTime store_now() const { return world_.wall(); }

    // As api::Options has them.
    std::function<Result<std::string>(const std::string& key)> file_of();
    Status adopt(const std::string& key, const std::string& file, std::uint32_t crc32c);

    // Uploads by signed URL to this server, which only a folder has.
    bool is_upload(const http::Request& head) const;
    const std::string& spool_folder() const { return spool_folder_; }
    // The exchange is answered and true returned if the path is one of the folder's.
    bool answer(api::Request& request, const api::ExchangePtr& exchange);

  private:
    explicit ArtifactHome(const Clock& calendar) : calendar_(calendar) {}
    Status open_folder(const Options& options);
    Status open_bucket(const Options& options, const StorageRecord& chosen);

    const Clock& calendar_;
    SystemClock world_;                        // what other servers compare their clocks with
    std::unique_ptr<FileObjectStore> folder_;  // one of these two
    OpenStorage bucket_;
    std::unique_ptr<CredentialRenewal> renewal_;
    ObjectStore* objects_ = nullptr;
    std::string spool_folder_;
};

}  // namespace herder
