#pragma once
// Sends the newest report and waits for its answer, on a thread of its own. A newer report breaks a
// long poll that is still held. Keeps what the server's shell added to the newest orders.
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "adapters/http/cancel.h"
#include "core/worker/worker_input.h"
#include "protocol/orders_json.h"
#include "worker/machine_clock.h"
#include "worker/server_link.h"

namespace herder {

class SyncLoop {
  public:
    using Post = std::function<void(WorkerInput)>;
    SyncLoop(ServerLink& link, const MachineClock& clock, Post post);
    ~SyncLoop();

    void send(AgentReport report);
    // The newest answer; its URLs are valid for a while.
    protocol::SyncResponse newest() const;

  private:
    void loop();
    void exchange(const AgentReport& report, const http::CancelToken& cancel);

    ServerLink& link_;
    const MachineClock& clock_;
    const Post post_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;  // guarded by mutex_, like all below
    std::optional<AgentReport> next_;
    std::unique_ptr<http::CancelToken> in_flight_;
    protocol::SyncResponse newest_;
    Duration report_every_ = seconds(10);
    std::thread thread_;  // last: it uses all of the above
};

}  // namespace herder
