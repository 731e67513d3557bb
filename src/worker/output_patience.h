#pragma once
// How long outputs that do not arrive are tried for, so that the word how the job ended does not
// wait behind a store that is away. What is being sent keeps a call alive; only what is stored is a
// reason to try once more for as long again, or a store that refuses whatever it was sent would be
// asked without end. Time comes in. Its user locks.
#include <optional>

#include "base/time.h"

namespace herder {

class OutputPatience {
  public:
    struct Limits {
        Duration usual;    // in which nothing arrives
        Duration in_stop;  // the same while the attempt is being stopped
    };
    OutputPatience(Limits limits, Instant now) : limits_(limits), stored_at_(now), sent_at_(now) {}

    // At any call, as soon as it is known.
    void note_stop(Instant now);
    // A file, or a part of one; or there is another answer that is final.
    void note_stored(Instant now);
    // Bytes are on their way.
    void note_sent(Instant now);
    // Whatever is tried again once it is not over.
    void note_failure() { ++failures_; }
    // What has to be done before anything can be sent does not count. May overlap.
    void hold(Instant now);
    void release(Instant now);
    // The server makes an object of parts, and nothing arrives meanwhile: an end of its own, but in
    // a stop.
    void begin_joining(Instant now);
    void end_joining() { join_until_.reset(); }

    // What is under way is to be broken off.
    bool is_silent(Instant now) const;
    // Nothing is to be tried again.
    bool is_over(Instant now) const;

  private:
    Instant end_of(Instant since) const;

    const Limits limits_;
    Instant stored_at_;
    Instant sent_at_;
    int failures_ = 0;  // since something was stored
    int held_ = 0;
    Instant held_since_;
    std::optional<Instant> stop_began_;
    std::optional<Instant> join_until_;
};

}  // namespace herder
