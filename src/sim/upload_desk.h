#pragma once
// What a machine holds of a checkpoint that it sends, and the desk of the server that names the
// parts which are still wanted. The desk does what the API's desk does, written a second time,
// because the API may not be reached from here; like it, it forgets with its process.
#include <map>
#include <string>
#include <vector>

#include "sim/fake_objects.h"

namespace herder::sim {

// Sizes of a few bytes stand for any: nothing here depends on them but what must match. Pieces are
// what a file is cut into when it is sent, so many to a part.
struct LocalFile {
    CheckpointFile declared;
    std::vector<StoredObject> pieces;
};
// One or two files of one to six pieces, which nobody else has.
std::vector<LocalFile> make_local_files(std::uint64_t number);
std::vector<CheckpointFile> declare(const std::vector<LocalFile>& files);
// Numbers from 1.
std::vector<UploadPart> cut(const LocalFile& file, int pieces_per_part);

struct PartToSend {
    std::string upload;
    UploadPart part;
    SentAs sent;
};

class UploadDesk {
  public:
    UploadDesk(Stage& stage, FakeObjects& objects, Mutant mutant = Mutant::kNone);

    // The parts that the store does not hold in their size yet.
    Result<std::vector<PartToSend>> sign(const Checkpoint& checkpoint,
                                         const std::vector<LocalFile>& files);
    // The size of parts is a matter of what was learnt of the store, so of the process.
    int pieces_per_part() const { return pieces_per_part_; }

  private:
    Result<std::string> find_or_create(const std::string& key);
    Result<std::string> create(const std::string& key);
    // An error where nothing is known of the upload.
    Status sign_file(const std::string& key, const std::vector<UploadPart>& parts,
                     std::vector<PartToSend>& wanted);

    Stage& stage_;
    FakeObjects& objects_;
    const Mutant mutant_;
    int pieces_per_part_ = 2;
    std::map<std::string, std::string> uploads_;  // by key
};

}  // namespace herder::sim
