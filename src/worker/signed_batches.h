#pragma once
// Fetches the parts of a document of the store over several connections, each part by a URL that
// the server signs when its turn comes.
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/http/cancel.h"
#include "base/result.h"
#include "worker/server_link.h"

namespace herder {

class SignedBatches {
  public:
    struct Parts {
        ServerLink& link;
        const http::CancelToken& cancel;
        std::string key;           // of the document
        std::size_t urls_at_once;  // one URL lives as long as its batch
    };
    // Called by several threads, each time for another part.
    using FetchOne = std::function<Status(std::size_t index, const std::string& url)>;
    explicit SignedBatches(Parts parts) : parts_(std::move(parts)) {}

    // `wanted`: numbers of parts, ascending. Ends at the first failure, which is returned.
    Status run(const std::vector<std::size_t>& wanted, const FetchOne& fetch);

  private:
    Status run_batch(const std::vector<std::size_t>& wanted, const FetchOne& fetch);
    Result<std::vector<std::string>> ask_urls(std::size_t first, std::size_t count);

    const Parts parts_;
};

// Tells how far it is, every tenth of what is worth telling. Thread-safe.
class FetchProgress {
  public:
    using Say = std::function<void(const std::string& line)>;
    FetchProgress(std::string name, std::int64_t total, Say say)
        : name_(std::move(name)), total_(total), say_(std::move(say)) {}
    void add(std::int64_t size);

  private:
    const std::string name_;
    const std::int64_t total_;
    const Say say_;
    std::mutex mutex_;
    std::int64_t done_ = 0;  // guarded by mutex_
};

}  // namespace herder
