#pragma once
// The admin interface, outside /api/: the truth about machines, costs and calls, and the levers
// that make things go wrong. Bodies are documented in docs/vastsim.md. No sockets.
#include <functional>
#include <string>

#include "vastsim/api.h"
#include "vastsim/call_log.h"
#include "vastsim/market.h"

namespace herder::vastsim {

class Admin {
  public:
    // `advance_clock` moves the market's clock forward and runs what falls due.
    Admin(Market& market, const CallLog& calls, const ContainerRunner& runner,
          std::function<void(Duration)> advance_clock)
        : market_(market),
          calls_(calls),
          runner_(runner),
          advance_clock_(std::move(advance_clock)) {}

    ApiReply handle(const ApiRequest& request);
    // Whose deliveries /admin/webhooks lists.
    void show_webhooks(const WebhookQueue* queue) { webhooks_ = queue; }

  private:
    ApiReply machines();
    ApiReply bill();
    ApiReply list_faults();
    ApiReply list_webhooks();
    ApiReply set_fault(const Json& body);
    ApiReply show_log(ContractNumber id);
    ApiReply act(const std::string& verb, ContractNumber id, const Json& body);
    ApiReply post(const std::string& path, const Json& body);

    Market& market_;
    const CallLog& calls_;
    const ContainerRunner& runner_;
    std::function<void(Duration)> advance_clock_;
    const WebhookQueue* webhooks_ = nullptr;
};

}  // namespace herder::vastsim
