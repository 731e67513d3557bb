#pragma once
// Documents that the store holds under their hash, the last few kept as they were understood: an
// agent asks for the parts of one in many requests.
#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ports/object_store.h"
#include "protocol/listing_json.h"
#include "protocol/tree_json.h"

namespace herder::api {

// The text of an object that is named by its SHA-256; kCorrupt where it is another one.
Result<std::string> read_document_of(ObjectStore& objects, const std::string& key,
                                     const std::string& sha256, std::size_t size_max);

template <class T>
class DocumentCache {
  public:
    struct Kind {
        std::string (*hash_of_key)(const std::string& key);
        Result<T> (*parse)(std::string_view text);
        std::size_t size_max = 0;
    };
    DocumentCache(ObjectStore& objects, Kind kind) : objects_(objects), kind_(kind) {}

    // Reads from the store where it has to. The document is shared with the cache. Thread-safe.
    Result<std::shared_ptr<const T>> get(const std::string& key) {
        const std::lock_guard lock(mutex_);
        const auto found = std::find_if(kept_.begin(), kept_.end(),
                                        [&](const auto& entry) { return entry.first == key; });
        if (found != kept_.end()) return found->second;
        const auto text = read_document_of(objects_, key, kind_.hash_of_key(key), kind_.size_max);
        if (!text) return text.error();
        Result<T> document = kind_.parse(*text);
        if (!document) return document.error().with_context(key);
        auto shared = std::make_shared<const T>(std::move(*document));  // shared, as said above
        if (kept_.size() >= kKept) kept_.erase(kept_.begin());
        kept_.emplace_back(key, shared);
        return shared;
    }

  private:
    static constexpr std::size_t kKept = 4;

    ObjectStore& objects_;
    const Kind kind_;
    std::mutex mutex_;
    // The newest last; guarded by mutex_.
    std::vector<std::pair<std::string, std::shared_ptr<const T>>> kept_;
};

using TreeCache = DocumentCache<protocol::Tree>;
using ListingCache = DocumentCache<protocol::Listing>;
constexpr TreeCache::Kind kTrees{protocol::tree_of_key, protocol::parse_tree,
                                 protocol::kTreeSizeMax};
constexpr ListingCache::Kind kListings{protocol::listing_of_key, protocol::parse_listing,
                                       protocol::kListingSizeMax};

}  // namespace herder::api
