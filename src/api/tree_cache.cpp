#include "api/tree_cache.h"

#include <algorithm>

#include "base/digest.h"
#include "base/gzip_text.h"

namespace herder::api {

namespace {

constexpr std::size_t kKept = 4;

}  // namespace

Result<std::shared_ptr<const protocol::Tree>> TreeCache::get(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(kept_.begin(), kept_.end(),
                                    [&](const auto& entry) { return entry.first == key; });
    if (found != kept_.end()) return found->second;
    const Result<std::string> packed = objects_.get(key, protocol::kTreeSizeMax);
    if (!packed) return packed.error();
    const Result<std::string> text = gunzip_text(*packed, protocol::kTreeSizeMax);
    if (!text) return text.error().with_context(key);
    if (sha256_hex(*text) != protocol::tree_of_key(key))
        return Error{ErrorCode::kCorrupt, "the stored tree " + key + " is damaged"};
    Result<protocol::Tree> tree = protocol::parse_tree(*text);
    if (!tree) return tree.error().with_context(key);
    // Shared, see get().
    auto shared = std::make_shared<const protocol::Tree>(std::move(*tree));
    if (kept_.size() >= kKept) kept_.erase(kept_.begin());
    kept_.emplace_back(key, shared);
    return shared;
}

}  // namespace herder::api
