#pragma once
// Data that was fetched once on a host is not fetched again: by the next attempt on its machine, or
// by another job whose agent uses the same folder. What the order names by a hash is kept under it;
// an object of a bucket under its address, its ETag and its size. Of several agents that want the
// same thing at the same time one fetches and the others wait for it. Thread-safe.
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "adapters/http/cancel.h"
#include "base/result.h"
#include "worker/cache_entries.h"
#include "worker/cache_flight.h"

namespace herder {

class DataCache {
  public:
    using Say = std::function<void(const std::string& line)>;
    static constexpr char kFolderVariable[] = "HERDER_CACHE_DIR";
    static constexpr char kSizeVariable[] = "HERDER_CACHE_SIZE_MAX";

    // Who the data is for: it was promised room on a disk, which may be the cache's as well.
    struct Job {
        std::string folder;  // on the disk
        Bytes disk;          // what it was promised
    };
    // As the variables say; null where they name no folder. Where the folder cannot be used that is
    // said, and there is none either.
    static std::unique_ptr<DataCache> open(const std::map<std::string, std::string>& variables,
                                           const Job& job, const Say& say);

    DataCache(const std::string& folder, CacheEntries::Limits limits, Say say);

    struct Wish {
        std::string sha256;  // empty: `name` says which content it is
        std::string name;    // address, ETag and size, in one text
        std::string path;    // where it shall be
        const http::CancelToken& cancel;
    };
    // Puts it there: from the cache, else by `fetch`, which leaves it there, verified.
    Status bring(const Wish& wish, const std::function<Status()>& fetch);
    // The same for what fits into memory.
    struct PieceWish {
        std::string sha256;
        std::size_t size = 0;
        const http::CancelToken& cancel;
    };
    Result<std::string> bring_piece(const PieceWish& wish,
                                    const std::function<Result<std::string>()>& fetch);
    // What did not have to be fetched so far.
    Bytes spared() const { return Bytes{spared_}; }

  private:
    bool take(const Wish& wish);
    CacheFlight begin(const std::string& key, const http::CancelToken& cancel);
    bool take_content(const std::string& sha256, const Wish& wish);

    const std::string folder_;
    CacheEntries entries_;
    const Say say_;
    std::atomic<std::int64_t> spared_{0};
    std::atomic<bool> has_waited_{false};  // and said so
};

inline Bytes spared_by(const DataCache* cache) {
    return cache == nullptr ? Bytes{} : cache->spared();
}

}  // namespace herder
