// Start, stop, label, bid, destroy; one machine or many (vast-api 2.5-2.7).
#include <array>

#include "vastsim/route.h"

namespace herder::vastsim {

namespace {

constexpr std::int64_t kBidLeast = 1'000;  // 0.001 $/h
constexpr std::size_t kBulkMost = 100;

// Not yet listed is not absent: the platform knows the contract before its lists do.
const Contract* find_known(Call& call, ContractNumber id) {
    if (const Contract* listed = call.market.find_listed(id)) return listed;
    const auto known = call.market.contracts().find(id);
    const bool hidden = known != call.market.contracts().end() && !known->second.destroyed &&
                        !known->second.phantom;
    return hidden ? &known->second : nullptr;
}

ApiReply start(Call& call, ContractNumber id) {
    switch (call.market.start(id)) {
        case StartOutcome::kStarted:
            return done();
        case StartOutcome::kQueued:
            return failure(200, "resources_unavailable",
                           "Required resources are currently unavailable, state change queued.");
        case StartOutcome::kNoCredit:
            return failure(400, "missing_billing", "Your account lacks credit.");
        case StartOutcome::kExpired:
            return failure(400, "contract_expired", "The rental has ended.");
    }
    return failure(500, "server_error", "");
}

ApiReply change_state(Call& call, ContractNumber id, const std::string& state) {
    const Contract* contract = find_known(call, id);
    if (contract == nullptr || contract->destroyed) return no_such_instance(id);
    if (state == "stopped") {
        call.market.stop(id);
        return done();
    }
    if (state != "running") return failure(400, "invalid_args", "unknown state");
    return start(call, id);
}

ApiReply set_label(Call& call, const Json& label) {
    const std::string text = label.if_string() ? *label.if_string() : "";
    if (text.size() > 1024) {
        return failure(400, "label_too_long",
                       "Please limit label length to 1024 characters, ideally less than 128.");
    }
    call.market.set_label(call.id(), text);
    Json reply;
    reply.set("success", true);
    reply.set("msg", "label for " + std::to_string(call.id()) + " set to '" + text + "'");
    return json_reply(200, reply);
}

ApiReply manage(Call& call) {
    const Contract* contract = find_known(call, call.id());
    if (contract == nullptr || contract->destroyed) return no_such_instance(call.id());
    const std::string state = call.text("state");
    if (!state.empty()) return change_state(call, call.id(), state);
    const Json* label = call.find("label");
    if (label == nullptr) return failure(400, "invalid_args", "nothing to change");
    return set_label(call, *label);
}

// The numbers in a body; nothing when the list is missing or longer than allowed.
std::vector<ContractNumber> numbers_in(const Json* list) {
    std::vector<ContractNumber> ids;
    const Json::Array* array = list ? list->if_array() : nullptr;
    for (std::size_t i = 0; array != nullptr && i < array->size(); ++i)
        ids.push_back((*array)[i].to_integer().value_or(-1));
    return ids;
}

// Each machine by itself; the reply tells of the first that failed.
ApiReply for_all(Call& call, const std::vector<ContractNumber>& ids, const std::string& state) {
    ApiReply worst = done();
    for (const ContractNumber id : ids) {
        const ApiReply one = change_state(call, id, state);
        if (one.body != done().body && worst.body == done().body) worst = one;
    }
    return worst;
}

ApiReply manage_bulk(Call& call) {
    const auto ids = numbers_in(call.find("ids"));
    if (ids.empty()) return failure(400, "invalid_args", "ids are required");
    return for_all(call, ids, call.text("state"));
}

ApiReply start_bulk(Call& call) {
    const Json* list = call.find("IDs");
    if (list == nullptr) return failure(400, "missing_input", "IDs are required");
    const auto ids = numbers_in(list);
    if (ids.empty()) return failure(400, "empty_input", "IDs are empty");
    for (const ContractNumber id : ids) {
        if (id <= 0 || ids.size() > kBulkMost) {
            return failure(400, "invalid_instance_id", "invalid instance id");
        }
    }
    return for_all(call, ids, "running");
}

ApiReply change_bid(Call& call) {
    const Contract* contract = call.market.find_listed(call.id());
    if (contract == nullptr || contract->destroyed) {
        return failure(404, "no_such_instance", "Instance with that ID does not exist.");
    }
    std::optional<UsdPerHour> bid;
    if (const Json* price = call.find("price"); price && !price->is_null()) {
        const Result<std::int64_t> micros = price->to_micros();
        const Scenario& scenario = call.market.scenario();
        const std::int64_t gpus =
            scenario.bid_per_gpu ? 1 : static_cast<std::int64_t>(contract->gpu_count);
        const std::int64_t most = scenario.bid_most_per_gpu.micros * gpus;
        if (!micros || *micros < kBidLeast || *micros > most) {
            return failure(400, "invalid_args", "Please set a bid price >= 0.001.");
        }
        bid = UsdPerHour{*micros};
    }
    call.market.change_bid(call.id(), bid);
    return done();
}

ApiReply destroy(Call& call) {
    if (find_known(call, call.id()) == nullptr) {
        ApiReply gone = no_such_instance(call.id());
        if (call.market.faults().strikes("destroy_200_false")) gone.status = 200;
        return gone;
    }
    call.market.destroy(call.id());
    if (call.market.faults().strikes("destroy_502_executed")) return gateway_error();
    Json reply;
    reply.set("success", true).set("msg", "Instance destroyed successfully");
    return json_reply(200, reply);
}

ApiReply destroy_bulk(Call& call) {
    const auto ids = numbers_in(call.find("instance_ids"));
    if (ids.empty()) return failure(400, "invalid_args", "instance_ids are required");
    Json failed = Json::array();
    for (const ContractNumber id : ids) {
        if (find_known(call, id) == nullptr) {
            failed.push(id);
            continue;
        }
        call.market.destroy(id);
    }
    if (call.market.faults().strikes("destroy_502_executed")) return gateway_error();
    Json reply;
    reply.set("success", true).set("msg", "Instances destroyed successfully");
    if (!failed.if_array()->empty()) reply.set("not_found", std::move(failed));
    return json_reply(200, reply);
}

constexpr std::array kRoutes = {
    Route{"PUT", "/api/v0/instances/{id}/", "instance_write", manage},
    Route{"PUT", "/api/v0/instances/", "instance_write", manage_bulk},
    Route{"POST", "/api/v0/instances/start/", "instance_write", start_bulk, "", true},
    Route{"PUT", "/api/v0/instances/bid_price/{id}/", "instance_write", change_bid},
    Route{"PUT", "/api/v0/bundles_bid_price/{id}/", "misc", change_bid},
    Route{"DELETE", "/api/v0/instances/{id}/", "instance_write", destroy, "api.instance.destroy"},
    Route{"DELETE", "/api/v0/instances/", "instance_write", destroy_bulk},
};

}  // namespace

std::span<const Route> manage_routes() {
    return kRoutes;
}

}  // namespace herder::vastsim
