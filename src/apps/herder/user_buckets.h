#pragma once
// The buckets that jobs take their data from: one connection each, with the credentials of the
// storage of that name if there is one, else of the environment.
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "adapters/objects/remote/bucket_reader.h"
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
    struct Bucket {
        std::mutex mutex;  // guards all below until `reader` is there
        OpenStorage storage;
        std::unique_ptr<remote::BucketReader> reader;
    };

    Result<Bucket*> bucket_of(const BucketAddress& place);
    Status open(const std::string& location, Bucket& bucket) const;
    Result<StorageRecord> record_of(const std::string& location) const;

    const std::string data_dir_;
    const Clock& calendar_;
    const SystemClock world_;  // signatures carry real time even where the market's runs faster
    std::mutex mutex_;         // guards the map, not what is in it
    std::map<std::string, Bucket> buckets_;  // by the location's text
};

}  // namespace herder
