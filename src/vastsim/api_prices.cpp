// Pending price increases (vast-api 2.12).
#include <array>

#include "vastsim/route.h"

namespace herder::vastsim {

namespace {

Json per_second(UsdPerHour rate) {
    return Json(static_cast<double>(rate.micros) / 1e6 / 3600.0);
}

ApiReply list_increases(Call& call) {
    Json rows = Json::array();
    for (const Contract* contract : call.market.pending_increases()) {
        const PriceIncrease& increase = *contract->increase;
        const Machine& machine = call.market.machine_of(*contract);
        Json row;
        row.set("pending_price_increase_id", increase.id).set("contract_id", contract->id);
        row.set("host_id", machine.host_id);
        const auto set_prices = [&](const std::string& age, UsdPerHour gpu, UsdPerHour disk) {
            row.set(age + "_gpu_costpersec", per_second(gpu));
            row.set(age + "_disk_ram_costpersec", per_second(disk));
            row.set(age + "_bwu_cost", static_cast<double>(machine.up_micros_per_gb) / 1e6);
            row.set(age + "_bwd_cost", static_cast<double>(machine.down_micros_per_gb) / 1e6);
            row.set(age + "_platform_fee", nullptr);
        };
        set_prices("new", increase.gpu_rate, increase.storage_rate);
        set_prices("old", contract->gpu_rate, contract->storage_rate);
        row.set("contract_end_date", contract->end_date).set("ask_end_date", increase.ask_end);
        row.set("created_at", increase.created);
        rows.push(std::move(row));
    }
    Json body;
    body.set("success", true).set("count", rows.if_array()->size()).set("truncated", false);
    body.set("pending_price_increases", std::move(rows));
    return json_reply(200, body);
}

// The body holds exactly the number; anything else is refused.
ApiReply answer_increase(Call& call, bool accept) {
    const Json* id = call.find("pending_price_increase_id");
    const auto number = id ? id->to_integer() : Result<std::int64_t>(invalid(""));
    if (!number || call.body.if_object()->size() != 1) {
        return failure(400, "invalid_args", "the body must be exactly pending_price_increase_id");
    }
    const Result<ContractNumber> contract = call.market.answer_increase(*number, accept);
    if (!contract) {
        Json body;
        body.set("success", false).set("error", "no_pending_price_increase");
        return json_reply(404, body);
    }
    Json body;
    body.set("success", true).set("pending_price_increase_id", *number);
    body.set("contract_id", *contract);
    return json_reply(200, body);
}

ApiReply accept_increase(Call& call) {
    return answer_increase(call, true);
}

ApiReply reject_increase(Call& call) {
    return answer_increase(call, false);
}

constexpr std::array kRoutes = {
    Route{"GET", "/api/v0/instances/pending-price-increases/", "instance_read", list_increases},
    Route{"PUT", "/api/v0/instances/accept-price-increase/", "instance_write", accept_increase},
    Route{"PUT", "/api/v0/instances/reject-price-increase/", "instance_write", reject_increase},
};

}  // namespace

std::span<const Route> price_routes() {
    return kRoutes;
}

}  // namespace herder::vastsim
