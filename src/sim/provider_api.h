#pragma once
// The provider's API as it is on the wire: minimum intervals per route, pages, bodies that say
// success:false with 200, rows that lag. What a client makes of it is provider_calls.h's business.
// The habits are those that Vast.ai documents or was seen to have in 2026.
#include <array>
#include <functional>
#include <string>
#include <vector>

#include "sim/fake_provider.h"

namespace herder::sim {

enum class Route : int {
    kSearch,
    kCreate,
    kList,
    kDestroy,
    kCharges,
    kLabel,
    kIncreases,
    kMaintenances,
    kCount
};
constexpr std::size_t kRouteCount = static_cast<std::size_t>(Route::kCount);

// The documented minimum between two calls of a route.
Duration minimum_interval(Route route);

struct ApiReply {
    int status = 200;  // 0: nobody answers
    bool success = true;
    ContractId contract{};   // whenever the body carries one, also in an error
    std::string error = {};  // "no_such_ask", "insufficient_credit", ...
    Duration threshold{};    // that a 429 names; 0: it names none
    bool is_ok() const { return status == 200 && success; }
};

struct MachinePage {
    ApiReply reply;
    std::vector<MachineRow> rows;
    std::size_t total = 0;  // of all pages, as of this one
    ContractId next;        // 0: the last page
};

struct ChargeRow {
    Charge charge;
    std::string label;
};
struct ChargePage {
    ApiReply reply;
    std::vector<ChargeRow> rows;
    ContractId next;  // 0: the last page
};
struct IncreasePage {
    ApiReply reply;
    std::vector<PriceIncrease> rows;
};
struct MaintenancePage {
    ApiReply reply;
    std::vector<Maintenance> rows;
};

// The price is for one GPU; what it costs to rent is that times their number.
struct OfferRow {
    Offer offer;
    UsdPerHour per_gpu{};
};
struct OfferPage {
    ApiReply reply;
    std::vector<OfferRow> rows;
};

class ProviderApi {
  public:
    ProviderApi(Stage& stage, FakeProvider& provider);

    // Told of calls that came too early although nobody else uses the account's share just now.
    std::function<void(Route)> on_haste;
    // Told of every order that was looked at, and of what became of it.
    std::function<void(const CreateCall&, const ApiReply&)> on_judged;

    ApiReply create(const CreateCall& call);
    // Of a call that was let in long ago and is carried out only now; nobody hears of it.
    void create_late(const CreateCall& call);
    ApiReply destroy(ContractId contract);
    // One call for many: success says only that it was taken.
    ApiReply destroy_many(const std::vector<ContractId>& contracts);
    void stop_many(const std::vector<ContractId>& contracts);
    ApiReply set_label(ContractId contract, const std::string& label);
    MachinePage list(ContractId after);
    OfferPage search(const std::string& gpu_name, int gpu_count);
    ChargePage charges(std::int64_t from_day, std::int64_t to_day, ContractId after);
    IncreasePage increases();
    ApiReply answer_increase(std::int64_t id, bool accepts);
    MaintenancePage maintenances(const std::vector<std::int64_t>& machines);

  private:
    ApiReply admit(Route route);
    ApiReply judge(const CreateCall& call);
    void spoil(MachinePage& page);

    Stage& stage_;
    FakeProvider& provider_;
    Duration charge_lag_;
    std::array<Instant, kRouteCount> last_{};
    std::array<bool, kRouteCount> used_{};
};

}  // namespace herder::sim
