#pragma once
// The Provider port on Vast.ai's REST API. Blocking; one thread at a time per object, several
// objects may share a Pace. Facts about the API carry their source where they are used.
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "adapters/providers/vast/api.h"
#include "adapters/providers/vast/pace.h"
#include "ports/clock.h"
#include "ports/provider.h"

namespace herder::vast {

inline constexpr const char* kDefaultUrl = "https://console.vast.ai";

class VastProvider : public Provider {
  public:
    // `clock` and `pace` must outlive this.
    VastProvider(Transport transport, std::string key, const Clock& clock, Pace& pace);

    // Over HTTP to `url` (VAST_URL or kDefaultUrl).
    static Result<std::unique_ptr<VastProvider>> open(const std::string& url, std::string key,
                                                      const Clock& clock, Pace& pace);

    std::string name() const override { return "vast"; }
    Result<std::vector<Offer>> search(const OfferQuery& query) override;
    CreateAnswer create(const CreateRequest& request) override;
    CallAnswer destroy(ContractId contract) override;
    Result<std::vector<ListedMachine>> list() override;
    CallAnswer change_bid(ContractId contract, UsdPerHour bid) override;
    // Asked for day by day, so that every charge is keyed by the day that it falls on.
    Result<std::vector<ChargeRow>> charges(std::int64_t from_day, std::int64_t to_day) override;
    Result<AccountInfo> account() override;

    // One machine; nothing if the market does not know it. Proof of absence is list(), not this.
    Result<std::optional<ListedMachine>> show(ContractId contract);

  private:
    Result<std::vector<ListedMachine>> walk_list();
    Status read_day(std::int64_t day, std::map<ChargeKey, ChargeRow>& rows);

    Api api_;
    const Clock& clock_;
};

}  // namespace herder::vast
