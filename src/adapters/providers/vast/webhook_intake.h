#pragma once
// Where the market's notifications arrive. They come at least once, late, in any order, or not at
// all, they name no machine, and anybody may send something that looks like one: so a notification
// whose signature holds is a hint to look soon, and nothing else follows from it.
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <string>

#include "adapters/http/message.h"
#include "adapters/providers/vast/webhook_json.h"
#include "ports/clock.h"

namespace herder::vast {

// Below the server's own address.
inline constexpr const char* kWebhookPath = "/hooks/vast";

class WebhookIntake {
  public:
    using Hint = std::function<void(const Notification&)>;

    // With an empty secret nothing is taken. `clock` outlives this; `hint` is called on the thread
    // that brought the request and must not block.
    WebhookIntake(std::string secret, const Clock& clock, Hint hint);

    // Any thread. A repeat is answered like the first time, so that the market stops sending it.
    http::Response take(const http::Request& request);

    struct Counts {
        std::uint64_t taken = 0;
        std::uint64_t repeated = 0;
        std::uint64_t refused = 0;
    };
    Counts counts() const;

  private:
    bool is_new(const std::string& event);

    const std::string secret_;
    const Clock& clock_;
    const Hint hint_;
    mutable std::mutex mutex_;  // guards all below
    std::set<std::string> seen_;
    std::deque<std::string> order_;  // of seen_, the oldest first
    Counts counts_;
};

}  // namespace herder::vast
