#pragma once
// When which notice goes to which webhook, with what headers: retries, duplicates, losses, forged
// signatures (vast-api 2.21). Pure: deliveries come out with a time, results go in.
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "vastsim/account.h"
#include "vastsim/fault.h"
#include "vastsim/world.h"

namespace herder::vastsim {

struct WebhookDelivery {
    std::uint64_t number = 0;
    std::string url;
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
};

class WebhookQueue {
  public:
    explicit WebhookQueue(FaultTable& faults) : faults_(faults) {}

    // Plans the deliveries of a notice to all webhooks that want it.
    void add(const Account& account, const Notice& notice, WallTime now);
    // A delivery to one webhook only, not retried.
    void test(const Webhook& webhook, WallTime now);
    // What is to be sent now; each must be answered with result().
    std::vector<WebhookDelivery> due(WallTime now);
    // The status that came back; 0: timeout or no connection.
    void result(std::uint64_t number, int status, WallTime now);
    std::size_t waiting() const { return planned_.size(); }
    const std::deque<std::string>& history() const { return history_; }

  private:
    struct Plan {
        std::string url;
        std::string secret;
        std::string body;
        std::string event_id;
        std::int64_t attempt = 1;
        WallTime at;
        bool forged = false;
        bool final = false;
        bool in_flight = false;
    };
    void plan(Plan p);

    FaultTable& faults_;
    std::map<std::uint64_t, Plan> planned_;
    std::uint64_t next_ = 1;
    std::deque<std::string> history_;
};

// Whether `webhook` wants notices of this slug.
bool wants(const Account& account, const Webhook& webhook, const std::string& slug);

}  // namespace herder::vastsim
