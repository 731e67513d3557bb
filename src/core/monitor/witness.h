#pragma once
// Whether a silent machine is to be written off. Unreachable is not dead: a job is moved only on
// positive evidence from the provider, or on two witnesses, or after long silence while others are
// heard. Pure decision over what the caller has gathered.
#include <optional>

#include "base/time.h"
#include "core/jobs/reason.h"

namespace herder {

// What the newest complete listing says, if it was asked for after the agent was last heard.
enum class ProviderWord {
    kNothing,  // no complete listing since the agent was heard
    kRunning,
    kStarting,
    kStopped,
    kOffline,
    kFailed,
    kAbsent,
};

struct Silence {
    Duration silent;  // since the newest report (or since we lead)
    ProviderWord word = ProviderWord::kNothing;
    bool others_heard = false;    // other agents, if there are any, were heard within the lease
    bool provider_heard = false;  // a complete listing within the last two minutes
};

struct SilenceLimits {
    Duration missed_beats = seconds(20);  // two beats: "stopped" in a listing then counts
    Duration suspect_after = seconds(30);
    Duration silence_long = minutes(3);
};

// The reason to end the attempt with, or nothing: wait on.
std::optional<EndReason> judge(const Silence& silence, const SilenceLimits& limits);

}  // namespace herder
