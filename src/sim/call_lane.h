#pragma once
// The calls of one route of the provider's API, one after the other, with at least the minimum
// interval from the answer of one to the sending of the next. A refusal for haste pushes the next
// one back; a turn that its owner lets pass costs nobody anything.
#include <deque>
#include <functional>
#include <memory>

#include "sim/stage.h"

namespace herder::sim {

class CallLane {
  public:
    // Tells the lane that the turn is over, and whether anything was sent.
    using Done = std::function<void(bool was_sent)>;
    using Call = std::function<void(Done)>;

    CallLane(Stage& stage, Duration interval) : stage_(stage), interval_(interval) {}

    void add(Call call);
    // No call before `wait` from now has passed.
    void hold(Duration wait);
    // A client that keeps no minimum interval at all.
    void set_hasty() { is_hasty_ = true; }

  private:
    void go_on();
    void start();

    Stage& stage_;
    const Duration interval_;
    std::deque<Call> waiting_;
    bool is_busy_ = false;
    bool is_hasty_ = false;
    Instant free_;
};

}  // namespace herder::sim
