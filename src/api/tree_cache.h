#pragma once
// Trees of files as the store holds them, the last few kept: an agent asks for the pieces of one in
// many requests.
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "ports/object_store.h"
#include "protocol/tree_json.h"

namespace herder::api {

class TreeCache {
  public:
    explicit TreeCache(ObjectStore& objects) : objects_(objects) {}
    // Reads from the store where it has to. The tree is shared with the cache.
    Result<std::shared_ptr<const protocol::Tree>> get(const std::string& key);

  private:
    ObjectStore& objects_;
    std::mutex mutex_;
    // The newest last; guarded by mutex_.
    std::vector<std::pair<std::string, std::shared_ptr<const protocol::Tree>>> kept_;
};

}  // namespace herder::api
