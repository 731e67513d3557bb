#pragma once
// Where checkpoints, logs, archives and outputs live. Keys are slash-separated, at most 512
// characters of [A-Za-z0-9._/-]; no ".." part. Contract in
// tests/conformance/object_store_conformance.h.
#include <cstdint>
#include <map>
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
    std::optional<WallTime> modified;     // in listings, by the store's calendar
    // Of head, where the store tells: the upload that made it, or the mark that it was given.
    std::string made_by{};
};

enum class UrlVerb { kGet, kPut };

// One part of a multipart upload, as the store knows it.
struct UploadPart {
    int number = 0;  // from 1
    Bytes size;
    std::string etag;
    std::optional<std::uint32_t> crc32c;  // where the store knows it
    bool operator==(const UploadPart&) const = default;
};

struct PendingUpload {
    std::string key;
    std::string upload;
    WallTime started;
    bool operator==(const PendingUpload&) const = default;
};

struct UploadLimits {
    Bytes part_size_min;  // of all parts but the last
    int parts_max = 0;
    bool equal_parts = false;  // all parts but the last have one size
    bool is_checked = false;   // the store verifies each part: sign_part wants its CRC-32C
};

// Objects that come in parts, which their holders of signed URLs send in any order. Until it is
// completed, an upload is visible to nobody but those who list uploads.
class MultipartUploads {
  public:
    virtual ~MultipartUploads() = default;
    virtual UploadLimits limits() const = 0;
    // The name of a new upload of `key`.
    virtual Result<std::string> create(const std::string& key) = 0;
    // The same, of letters, digits and "-": the object's made_by, where the store keeps no other.
    virtual Result<std::string> create_marked(const std::string& key, const std::string& /*mark*/) {
        return create(key);
    }
    // A URL that lets its holder put one part, of exactly this size and checksum where the store
    // can see to it. kInvalid where is_checked and `crc32c` is missing.
    virtual Result<std::string> sign_part(const PendingUpload& upload, int number, Bytes size,
                                          std::optional<std::uint32_t> crc32c,
                                          WallTime expires) = 0;
    // What has to be sent with such a URL, where is_checked: headers by their names.
    virtual std::map<std::string, std::string> part_headers(std::uint32_t crc32c) const = 0;
    // In order of their numbers. kNotFound: there is no such upload.
    virtual Result<std::vector<UploadPart>> parts(const PendingUpload& upload) = 0;
    // Makes the object of these parts, which must be there with these etags (else kCorrupt).
    // It may be repeated. kNotFound: there is no such upload, perhaps because it is completed.
    virtual Status complete(const PendingUpload& upload, const std::vector<UploadPart>& parts) = 0;
    // What was sent is gone. kNotFound: there is no such upload.
    virtual Status abort(const PendingUpload& upload) = 0;
    // All under `prefix` that are neither completed nor aborted, in order of their keys.
    virtual Result<std::vector<PendingUpload>> pending(const std::string& prefix,
                                                       std::size_t limit) = 0;
};

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
    // Now, as the store's own calendar has it; nothing where it has not told, or has none of its
    // own.
    virtual std::optional<WallTime> told_now() const { return std::nullopt; }
    // Null where the store takes objects only whole. Belongs to the store.
    virtual MultipartUploads* multipart() { return nullptr; }
};

}  // namespace herder
