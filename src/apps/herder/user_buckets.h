#pragma once
// The buckets that jobs take their data from: one connection each, with the credentials of the
// storage of that name if there is one, else of the environment.
#include <memory>
#include <string>

#include "adapters/objects/remote/bucket_pool.h"
#include "adapters/system/system_clock.h"
#include "ports/data_buckets.h"
#include "storage.h"

namespace herder {

class UserBuckets : public DataBuckets {
  public:
    // `calendar`: the one of the instants in sign(); `stopping` ends all waiting for buckets.
    UserBuckets(std::string data_dir, const Clock& calendar, const http::CancelToken& stopping)
        : data_dir_(std::move(data_dir)),
          calendar_(calendar),
          stopping_(stopping),
          pool_([this](const std::string& location) { return open(location); }, world_) {}
    Result<std::vector<BucketFile>> list(const std::string& source, std::size_t limit) override;
    Result<std::string> sign(const std::string& source, const std::string& path,
                             WallTime expires) override;

  private:
    Result<remote::BucketReader*> bucket_of(const BucketAddress& place);
    Result<std::unique_ptr<remote::BucketReader>> open(const std::string& location) const;
    Result<StorageRecord> record_of(const std::string& location) const;

    const std::string data_dir_;
    const Clock& calendar_;
    const http::CancelToken& stopping_;
    const SystemClock world_;  // signatures carry real time even where the market's runs faster
    remote::BucketPool pool_;
};

}  // namespace herder
