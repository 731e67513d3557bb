#pragma once
// How a machine reads a checkpoint back: object by object, as the worker's fetch does it, written a
// second time. What breaks off is asked for again, what came damaged is read once more, and what
// then still differs from its declaration, or is not there, is worth nothing.
#include "core/worker/worker_input.h"
#include "sim/fake_objects.h"

namespace herder::sim {

class FakeRestore {
  public:
    struct Reader {
        std::int64_t machine = 0;
        bool misreads = false;  // whatever it fetches
        Mutant mutant = Mutant::kNone;
    };
    FakeRestore(Stage& stage, FakeObjects& objects, const Reader& reader)
        : stage_(stage), objects_(objects), reader_(reader) {}

    worker_input::RestoreEnded read(CheckpointId id);
    // All that came was what had been declared, whatever the machine made of it.
    bool is_right() const { return is_right_; }

  private:
    Status read_all(const StoredCheckpoint& stored);
    Status read_file(const StoredCheckpoint& stored, const std::string& key,
                     const CheckpointFile& file);
    Result<StoredObject> fetch(const StoredCheckpoint& stored, const std::string& key);

    Stage& stage_;
    FakeObjects& objects_;
    const Reader reader_;
    bool is_right_ = true;
};

}  // namespace herder::sim
