#pragma once
// Which checkpoint of unchanged training code to take now: the newest that is complete and that
// nobody has touched for a while. Pure; fed with listings of the watched folder.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "core/worker/checkpoint_layout.h"

namespace herder {

class CheckpointWatch {
  public:
    // What lies there before the job runs is not its work.
    void begin(const std::vector<SeenFile>& files);

    // The checkpoint to take, each state of one once. `is_last`: the job has ended, so nobody
    // writes any more and nothing is waited for.
    std::optional<CheckpointLayout> look(Instant now, const std::vector<SeenFile>& files,
                                         bool is_last);
    // Sentences on what was left out since the last call, each once.
    std::vector<std::string> take_remarks();

  private:
    struct Known {
        std::string fingerprint;
        Instant since;
        bool is_settled = false;  // taken, or not to be taken in this state
        bool is_told = false;
        // Of loose files: as they were, and whether one was written again after it was settled.
        std::map<std::string, std::string> files = {};
        bool is_rewritten = false;
    };
    Known& know(const CheckpointLayout& layout, Instant now);
    void remark(const CheckpointLayout& layout, Known& known);
    void settle_up_to(const CheckpointLayout& taken, const std::vector<CheckpointLayout>& found);

    std::map<std::string, Known> known_;  // by path
    std::vector<std::string> remarks_;
};

}  // namespace herder
