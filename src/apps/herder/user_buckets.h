#pragma once
// The buckets that jobs take their data from: one connection each, with the credentials of the
// storage of that name if there is one, else of the environment.
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "adapters/objects/s3/bucket_data.h"
#include "adapters/system/system_clock.h"
#include "ports/data_buckets.h"
#include "storage.h"

namespace herder {

class UserBuckets : public DataBuckets {
  public:
    // `calendar`: the one of the instants in sign().
    UserBuckets(std::string data_dir, const Clock& calendar)
        : data_dir_(std::move(data_dir)), calendar_(calendar) {}
    Result<std::vector<BucketFile>> list(const std::string& source, std::size_t limit) override;
    Result<std::string> sign(const std::string& source, const std::string& path,
                             WallTime expires) override;

  private:
    // Opened at first use; stays open.
    Result<s3::S3Client*> client_of(const s3::DataPlace& place);
    Result<StorageRecord> record_of(const s3::Location& location) const;

    const std::string data_dir_;
    const Clock& calendar_;
    const SystemClock world_;  // signatures carry real time even where the market's runs faster
    std::mutex mutex_;         // guards open_
    std::map<std::string, OpenStorage> open_;  // by the location's text
};

}  // namespace herder
