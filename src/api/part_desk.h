#pragma once
// Hands out URLs for the parts of a checkpoint's objects. It alone creates multipart uploads, one
// an object, and finds them again in the store after a restart; they are completed or aborted by
// the engine's artifact runner. Not thread-safe: one thread uses it, and it may wait for the store.
#include <map>
#include <string>

#include "ports/object_store.h"
#include "protocol/parts_json.h"

namespace herder::api {

class PartDesk {
  public:
    struct Object {
        std::string key;
        Bytes size;
    };

    explicit PartDesk(ObjectStore& objects) : objects_(objects) {}

    // URLs of the parts of a window that the store does not hold in their size yet.
    Result<protocol::PartsResponse> sign(const Object& object, const protocol::PartsRequest& wish,
                                         WallTime expires);

  private:
    Result<PendingUpload> find_or_create(MultipartUploads& uploads, const std::string& key);

    ObjectStore& objects_;
    std::map<std::string, std::string> uploads_;  // by key
};

}  // namespace herder::api
