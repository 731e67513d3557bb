#pragma once
// The Provider port on Vast.ai's REST API. Blocking; thread-safe: every call waits for its turn at
// the gate of its key. Facts about the API carry their source where they are used.
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "adapters/providers/vast/api.h"
#include "adapters/providers/vast/call_gate.h"
#include "adapters/providers/vast/instances_json.h"
#include "adapters/providers/vast/result_download.h"
#include "adapters/providers/vast/shared_call.h"
#include "ports/clock.h"
#include "ports/provider.h"

namespace herder::vast {

inline constexpr const char* kDefaultUrl = "https://console.vast.ai";

class VastProvider : public Provider {
  public:
    // `clock` and `traffic` must outlive this. Without `download` there are no logs.
    VastProvider(Transport transport, const std::string& key, const Clock& clock, Traffic& traffic,
                 Download download = {});

    // Over HTTP to `url` (VAST_URL or kDefaultUrl).
    static Result<std::unique_ptr<VastProvider>> open(const std::string& url,
                                                      const std::string& key, const Clock& clock,
                                                      Traffic& traffic);

    std::string name() const override { return "vast"; }
    Result<std::vector<Offer>> search(const OfferQuery& query) override;
    CreateAnswer create(const CreateRequest& request) override;
    CallAnswer destroy(ContractId contract) override;
    Result<std::vector<ListedMachine>> list() override;
    CallAnswer change_bid(ContractId contract, UsdPerHour bid) override;
    // Asked for day by day, so that every charge is keyed by the day that it falls on.
    Result<std::vector<ChargeRow>> charges(std::int64_t from_day, std::int64_t to_day) override;
    Result<AccountInfo> account() override;
    Result<std::optional<ListedMachine>> show(ContractId contract) override;
    CallAnswer stop(ContractId contract) override;
    CallAnswer start(ContractId contract) override;
    CallAnswer set_label(ContractId contract, const std::string& label) override;
    CallAnswer stop_many(const std::vector<ContractId>& contracts) override;
    CallAnswer destroy_many(const std::vector<ContractId>& contracts) override;
    Result<std::string> logs(ContractId contract, const LogQuery& query) override;
    Result<std::vector<herder::PriceIncrease>> increases() override;
    CallAnswer answer_increase(std::int64_t increase, bool accept) override;
    Result<std::vector<Maintenance>> maintenances(
        const std::vector<std::int64_t>& machines) override;

    // What Vast.ai alone tells and does.
    Result<std::vector<InstanceRecord>> instances();
    Result<std::optional<InstanceRecord>> instance(ContractId contract);
    // The container starts again, from its own disk.
    CallAnswer reboot(ContractId contract);
    // The container is made anew from its image: what was on its disk is lost.
    CallAnswer recycle(ContractId contract);
    // ls, rm or du on a stopped machine; the vendor calls it unreliable.
    Result<std::string> execute(ContractId contract, const std::string& command);

  private:
    Result<std::vector<InstanceRecord>> read_instances();
    Result<std::vector<InstanceRecord>> walk_list();
    Result<std::vector<InstanceRecord>> read_old_list();
    CallAnswer change_many(const ApiCall& call, const std::vector<ContractId>& contracts,
                           const std::function<std::string(std::vector<ContractId>)>& encode);
    Result<std::string> fetch_result(const Result<std::string>& body);
    Status read_day(std::int64_t day, std::map<ChargeKey, ChargeRow>& rows);

    Api api_;
    const Clock& clock_;
    Traffic& traffic_;
    const Download download_;
    SharedCall<std::vector<InstanceRecord>> listing_;
};

}  // namespace herder::vast
