#pragma once
// What has happened and is not yet decided on. Bounded with a policy: users' commands and joins are
// refused when it is full, reports of one agent replace each other, results of our own calls always
// fit (there are only as many as calls). Any thread may push.
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/step/input.h"

namespace herder {

class InputQueue {
  public:
    explicit InputQueue(std::size_t commands_max) : commands_max_(commands_max) {}

    // kRateLimited: too many commands wait; try again shortly. kUnavailable: closed.
    Status push(InputBody body);

    // Removes at most `limit` inputs, oldest first.
    std::vector<InputBody> take(std::size_t limit);
    // Callers whose report was replaced by a newer one before it was taken.
    std::vector<ReplyTo> take_superseded();

    bool is_empty() const;
    std::size_t size() const;
    void open();
    // Drops everything and refuses from now on; returns the callers that wait for a reply.
    std::vector<ReplyTo> close();

  private:
    void push_report(input::AgentReported report);

    const std::size_t commands_max_;
    mutable std::mutex mutex_;  // guards all below
    bool open_ = false;
    std::deque<InputBody> inputs_;
    std::uint64_t taken_ = 0;                       // number of the input at the front
    std::size_t commands_ = 0;                      // of those in inputs_
    std::map<std::string, std::uint64_t> reports_;  // session hash -> number of its waiting report
    std::vector<ReplyTo> superseded_;
};

// The caller that waits for an answer to this input; 0: nobody.
ReplyTo reply_to(const InputBody& body);

}  // namespace herder
