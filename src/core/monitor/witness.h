#pragma once
// What is to be done about a machine, from what its provider says and whether its agent is heard.
// An agent that is heard is believed before its provider. Unreachable is not dead: a job is moved
// only on positive evidence from the provider, or on two witnesses, or after long silence while
// others are heard. Pure decision over what the caller has gathered.
#include <optional>

#include "base/time.h"
#include "core/jobs/reason.h"

namespace herder {

// What the newest complete listing says, if it was asked for after the agent was last heard.
enum class ProviderWord {
    kNothing,  // no complete listing since the agent was heard
    kRunning,
    kStarting,
    kStopped,  // outbid in either pattern, or stopped by somebody
    kQueued,   // wants to run, waits for its GPUs
    kEnded,    // stopped at the end of its contract
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

// How an agent's silence counts.
enum class AgentContact {
    kHeard,
    kMissedBeats,
    kSuspected,
    kLongSilent,  // and it is not us who are cut off
};
AgentContact contact_of(const Silence& silence, const SilenceLimits& limits);

struct MachineVerdict {
    std::optional<EndReason> lost;  // give it up for this; nothing: wait on
    const char* sentence = "";      // what happened and what is done about it, for people
};

// Of a machine whose agent has joined.
MachineVerdict judge(ProviderWord word, AgentContact contact);

struct BootLimitsOfWord {
    Duration settle = seconds(30);  // words of a fresh machine are not believed before
    Duration queued = seconds(30);
    Duration offline = minutes(2);
};

// Of a machine that has not joined yet; its deadline is the caller's business. `age`: since it was
// bound; `odd_for`: since listings say queued or offline without a break.
MachineVerdict judge_boot(ProviderWord word, Duration age, Duration odd_for,
                          const BootLimitsOfWord& limits);

}  // namespace herder
