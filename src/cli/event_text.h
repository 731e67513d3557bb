#pragma once
// One sentence for people from each event of a job's timeline. The kinds and fields are those that
// core/step writes; a kind that is not known here is shown with its fields, never hidden.
#include <cstdint>
#include <string>

#include "protocol/value_json.h"

namespace herder::cli {

// Sentences that need what came before: how many steps a resume repeats, which machine it is on.
// One per job, fed with its events in order.
class EventTeller {
  public:
    // "resumed from step 150, 12 steps repeated"; empty for events that say nothing to people.
    std::string tell(const protocol::Json& event);

  private:
    std::string resumed(const protocol::Json& event) const;

    std::int64_t last_step_ = 0;  // the highest that was reported or saved
    int attempts_ = 0;            // that began to run
};

// True for events that a person wants to see while watching a job; `herder events` shows all.
bool is_headline(const std::string& kind);

}  // namespace herder::cli
