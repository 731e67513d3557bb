#pragma once
// The recorded form (base/record.h) of the inputs whose parts live in other headers, and of one
// whole input. Include it where inputs are written or read; the core itself does not need it.
#include "base/record.h"
#include "core/step/input.h"

namespace herder {

namespace input {

template <class Self, class V>
void AgentReported::describe(Self& s, V& v) {
    v(1, s.reply_to);
    v(2, s.session_hash);
    v(3, s.report);
}
template <class Self, class V>
void OutcomeFound::describe(Self& s, V& v) {
    v(1, s.attempt.job);
    v(2, s.attempt.fence);
    v(3, s.outcome);
}
template <class Self, class V>
void MachinesListed::describe(Self& s, V& v) {
    v(1, s.complete);
    v(2, s.asked);
    v(3, s.machines);
    v(4, s.detail);
}

}  // namespace input

// One input of a recording.
struct RecordedInput {
    Input input;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.input.now);
        v(2, s.input.wall);
        v(3, s.input.draw);
        v(4, s.input.body);
    }
};

}  // namespace herder
