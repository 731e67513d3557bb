#pragma once
// Where checkpoints, logs, archives and outputs live. Keys are slash-separated, at most 512
// characters of [A-Za-z0-9._/-]; no ".." part. Contract in
// tests/conformance/object_store_conformance.h.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace herder {

struct ObjectInfo {
    std::string key;
    Bytes size;
    std::optional<std::uint32_t> crc32c;  // where the store knows it
};

enum class UrlVerb { kGet, kPut };

class ObjectStore {
  public:
    virtual ~ObjectStore() = default;
    // kConflict if `only_if_absent` and the key exists.
    virtual Status put(const std::string& key, const std::string& data, bool only_if_absent) = 0;
    virtual Result<std::string> get(const std::string& key, std::size_t limit) = 0;
    virtual Result<ObjectInfo> head(const std::string& key) = 0;
    virtual Result<std::vector<ObjectInfo>> list(const std::string& prefix, std::size_t limit) = 0;
    virtual Status remove(const std::string& key) = 0;
    // A URL that lets its holder do one thing with one key until it expires.
    virtual Result<std::string> sign(UrlVerb verb, const std::string& key, WallTime expires) = 0;
};

}  // namespace herder
