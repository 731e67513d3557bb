#pragma once
// Hands out URLs for the parts of objects. It alone creates the multipart uploads of checkpoints,
// one an object, and finds them again in the store after a restart; they are completed or aborted
// by the engine's artifact runner. Those of outputs are named by output_desk.h. Asks the store what
// it holds only where that may matter: for an upload of the server before, and when a part is asked
// for a second time. Not thread-safe: one thread uses it, and it may wait for the store.
#include <map>
#include <set>
#include <string>
#include <vector>

#include "ports/object_store.h"
#include "protocol/parts_json.h"

namespace herder::api {

class PartDesk {
  public:
    struct Object {
        std::string key;
        Bytes size;
        // Where it is known, this one and no other; kNotFound once it is gone.
        std::string upload{};
    };

    explicit PartDesk(ObjectStore& objects) : objects_(objects) {}

    // URLs of the parts of a window that the store does not hold in their size yet. `objects`: that
    // of the file `wish.index` and those of the files after it, into which the window goes on.
    Result<protocol::PartsResponse> sign(const std::vector<Object>& objects,
                                         const protocol::PartsRequest& wish, WallTime expires);

  private:
    struct Upload {
        std::string name;
        // The parts before have been asked for since the store was asked what it holds; 0: the
        // store may hold any.
        int asked_to = 1;
        std::map<int, Bytes> held;  // as of then, by number
    };
    // A piece of the window, within one object.
    struct Stretch {
        int file = 0;
        const Object* object = nullptr;
        Bytes part_size;
        int from = 1;
        int end = 1;
    };

    static std::vector<Stretch> plan(const std::vector<Object>& objects,
                                     const protocol::PartsRequest& wish, const UploadLimits& limits,
                                     protocol::PartsResponse& response);
    Status open(MultipartUploads& uploads, const std::vector<Stretch>& window);
    // Of what its holder has named.
    void take_named(const Object& object);
    Status find_earlier(MultipartUploads& uploads, const std::string& key);
    static bool is_cut_otherwise(const std::map<int, Bytes>& held, const Stretch& stretch);
    Status look_at(MultipartUploads& uploads, const Stretch& stretch);

    ObjectStore& objects_;
    std::map<std::string, Upload> uploads_;  // by key
    std::set<std::string> searched_;         // folders, for uploads of the server before
};

}  // namespace herder::api
