#pragma once
// How long uploads of checkpoints take, and whether they keep up with the saving. Pure.
#include <optional>
#include <string>

#include "base/time.h"

namespace herder {

class UploadPace {
  public:
    void found(Instant now);         // the job has completed a checkpoint
    void upload_began(Instant now);  // of the one that is granted
    // Returns the sentence for the user, once, when checkpoints come faster than they are sent.
    std::optional<std::string> upload_ended(Instant now);

    // Of the last upload that ended well; none: there was none.
    std::optional<Duration> last_upload() const { return last_upload_; }

  private:
    std::optional<Instant> found_at_;
    std::optional<Duration> between_;  // the last two checkpoints
    std::optional<Instant> began_at_;
    std::optional<Duration> last_upload_;
    bool has_warned_ = false;
};

}  // namespace herder
