#pragma once
// What a machine holds of a checkpoint that it sends, and the desk of the server that names the
// parts which are still wanted. The desk does what the API's desk does, written a second time,
// because the API may not be reached from here; like it, it forgets with its process.
#include <map>
#include <string>
#include <vector>

#include "sim/fake_objects.h"

namespace herder::sim {

// Sizes of a few bytes stand for any: nothing here depends on them but what must match.
struct LocalFile {
    CheckpointFile declared;
    std::vector<UploadPart> parts;
};
// One or two files of one to three parts, which nobody else has.
std::vector<LocalFile> make_local_files(std::uint64_t number);
std::size_t count_parts(const std::vector<LocalFile>& files);
std::vector<CheckpointFile> declare(const std::vector<LocalFile>& files);

struct PartToSend {
    std::string upload;
    UploadPart part;
};

class UploadDesk {
  public:
    UploadDesk(Stage& stage, FakeObjects& objects) : stage_(stage), objects_(objects) {}

    // The parts that the store does not hold in their size yet.
    Result<std::vector<PartToSend>> sign(const Checkpoint& checkpoint,
                                         const std::vector<LocalFile>& files);

  private:
    Result<PendingUpload> find_or_create(const std::string& key);

    Stage& stage_;
    FakeObjects& objects_;
    std::map<std::string, std::string> uploads_;  // by key
};

}  // namespace herder::sim
