#pragma once
// Posts webhook deliveries, one after the other, on a thread of its own: a slow receiver must not
// hold up the market. It decides nothing; webhook_queue does.
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "vastsim/webhook_queue.h"

namespace herder::vastsim {

class WebhookSender {
  public:
    WebhookSender();
    ~WebhookSender();  // drops what is not sent yet
    WebhookSender(const WebhookSender&) = delete;
    WebhookSender& operator=(const WebhookSender&) = delete;

    void send(std::vector<WebhookDelivery> deliveries);
    // Number and status (0: timeout or no connection) of those that were sent since the last call.
    std::vector<std::pair<std::uint64_t, int>> take_results();

  private:
    void work();

    std::mutex mutex_;  // guards all below
    std::condition_variable wake_;
    std::deque<WebhookDelivery> waiting_;
    std::vector<std::pair<std::uint64_t, int>> results_;
    bool stopping_ = false;
    std::thread worker_;
};

}  // namespace herder::vastsim
