// tidy:allow missing-test covered by machine_routes_json_test.cpp
#include "api/view_json.h"
#include "api/view_parts_json.h"

namespace herder::api {

namespace json = boost::json;

namespace {

// Why it is being given back; empty while it is not.
std::string end_of(const Intent& intent) {
    const auto* closing = std::get_if<rent::Closing>(&intent.phase);
    return closing == nullptr ? "" : closing->why;
}

json::object rented_object(const State& state, const Intent& intent, Instant now) {
    json::object out;
    add_machine(state, &intent, now, out);
    out["label"] = intent.label;
    out["job"] = to_text(intent.attempt.job);
    out["state"] = to_string(intent.phase);
    out["provider_state"] = intent.provider_state;
    out["owner"] = "ours";
    return out;
}

json::object listed_object(const State& state, const ListedMachine& machine, Instant now,
                           const char* owner) {
    json::object out;
    add_machine(state, nullptr, now, out);
    out["contract"] = machine.contract.value;
    out["price_per_hour"] = rate(machine.gpu_price + machine.disk_price);
    out["label"] = machine.label;
    out["job"] = nullptr;
    out["state"] = to_string(machine.state);
    out["provider_state"] = machine.detail;
    out["owner"] = owner;
    return out;
}

// Its cost counts from the moment when it was adopted: what was before is in no book of ours.
json::object adopted_object(const State& state, ContractId contract, Instant now) {
    const AdoptedMachine& adopted = state.meta.adopted.at(contract);
    const auto listed = state.provider.unowned.find(contract);
    ListedMachine machine;
    machine.contract = contract;
    machine.label = adopted.label;
    if (listed != state.provider.unowned.end()) machine = listed->second;
    json::object out = listed_object(state, machine, now, "adopted");
    out["price_per_hour"] = rate(adopted.rate);
    out["cost"] = money(adopted.rate * (now - adopted.since_logical));
    out["charged"] = money(state.ledger.charged(contract));
    return out;
}

void add_rental(const State& state, const Intent& intent, json::object& out) {
    const Offer& offer = intent.offer;
    out["attempt"] = intent.attempt.fence.value;
    out["rented_at"] = time_or_null(intent.planned_wall);
    out["gpu_per_hour"] = rate(intent.gpu_rate);
    out["disk_per_hour"] = rate(intent.disk_rate);
    out["disk_gb"] = intent.disk.count / gigabytes(1).count;
    out["host"] = offer.host;
    out["location"] = offer.location;
    out["driver"] = offer.driver;
    out["ends_because"] = end_of(intent);
    const auto attempt = state.attempts.find(intent.attempt);
    out["step"] = attempt == state.attempts.end() ? 0 : attempt->second.step;
    if (const auto lease = state.leases.find(intent.id); lease != state.leases.end())
        out["step"] = std::max(out["step"].to_number<std::int64_t>(), lease->second.step);
}

}  // namespace

Owner owner_of(const State& state, ContractId contract) {
    const auto rented = state.by_contract.find(contract);
    if (rented != state.by_contract.end() && state.open_intents.contains(rented->second))
        return Owner::kOurs;
    if (state.meta.adopted.contains(contract)) return Owner::kAdopted;
    if (state.provider.unowned.contains(contract)) return Owner::kOrphan;
    return state.provider.foreign.contains(contract) ? Owner::kForeign : Owner::kNobodyKnown;
}

std::string instance_view(const State& state, Instant now, ContractId contract) {
    json::object out;
    switch (owner_of(state, contract)) {
        case Owner::kOurs: {
            const Intent& intent = state.intents.at(state.by_contract.at(contract));
            out = rented_object(state, intent, now);
            add_rental(state, intent, out);
            break;
        }
        case Owner::kAdopted: {
            const AdoptedMachine& adopted = state.meta.adopted.at(contract);
            out = adopted_object(state, contract, now);
            out["adopted_by"] = adopted.actor;
            out["adopted_at"] = to_rfc3339(adopted.since);
            break;
        }
        case Owner::kOrphan:
            out = listed_object(state, state.provider.unowned.at(contract), now, "orphan");
            break;
        case Owner::kForeign:
            out = listed_object(state, state.provider.foreign.at(contract), now, "foreign");
            break;
        case Owner::kNobodyKnown:
            return "null";
    }
    return json::serialize(out);
}

Result<std::string> instances_view(const State& state, Instant now, const Page& page) {
    json::array items;
    for (const IntentId id : state.open_intents) {
        const Intent& intent = state.intents.at(id);
        if (!intent.contract && !may_exist(intent.phase)) continue;
        items.push_back(rented_object(state, intent, now));
    }
    for (const auto& [contract, adopted] : state.meta.adopted)
        items.push_back(adopted_object(state, contract, now));
    for (const auto& [contract, machine] : state.provider.unowned) {
        if (owner_of(state, contract) == Owner::kOrphan)
            items.push_back(listed_object(state, machine, now, "orphan"));
    }
    for (const auto& [contract, machine] : state.provider.foreign)
        items.push_back(listed_object(state, machine, now, "foreign"));
    return page_text(std::move(items), page, [](const json::object& item) {
        return Member{item.at("intent").is_null() ? "contract" : "intent"}(item);
    });
}

std::string renting_view(const State& state) {
    std::int64_t machines = static_cast<std::int64_t>(state.meta.adopted.size());
    for (const IntentId id : state.open_intents)
        machines += may_exist(state.intents.at(id).phase) ? 1 : 0;
    for (const auto& [contract, machine] : state.provider.unowned)
        machines += owner_of(state, contract) == Owner::kOrphan ? 1 : 0;
    json::array paused;
    for (const JobId id : state.active_jobs) {
        if (std::holds_alternative<phase::Paused>(state.jobs.at(id).phase))
            paused.push_back(json::string(to_text(id)));
    }
    const RentingHold& hold = state.meta.hold;
    return json::serialize(json::object{{"held", !hold.actor.empty()},
                                        {"held_by", hold.actor},
                                        {"held_since", time_or_null(hold.since)},
                                        {"machines", machines},
                                        {"paused_jobs", std::move(paused)}});
}

}  // namespace herder::api
