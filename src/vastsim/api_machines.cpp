// What a renter may ask and tell about machines and cards (vast-api 2.22).
#include <array>
#include <set>

#include "vastsim/route.h"

namespace herder::vastsim {

namespace {

ApiReply gpu_types(Call& call) {
    std::set<std::string> seen;
    Json rows = Json::array();
    for (const auto& [id, machine] : call.market.machines()) {
        if (!seen.insert(machine.gpu.name).second) continue;
        Json row;
        row.set("canonical_name", machine.gpu.name).set("gpu_ram_mb", machine.gpu.ram_mb);
        row.set("compute_cap", machine.gpu.compute_cap).set("arch", "nvidia");
        rows.push(std::move(row));
    }
    Json body;
    body.set("gpu_types", std::move(rows));
    return json_reply(200, body);
}

// Of machines that the account rents on, or of those that are named; the real shape is not known.
ApiReply maintenances(Call& call) {
    const std::string named = call.query("machine_ids");
    std::set<std::int64_t> wanted;
    if (const auto list = parse_json(named.empty() ? "null" : named); list && list->if_array()) {
        for (const Json& id : *list->if_array())
            wanted.insert(id.to_integer().value_or(0));
    }
    for (const Contract* contract : call.market.listed_now())
        if (named.empty()) wanted.insert(contract->machine_id);
    Json rows = Json::array();
    for (const std::int64_t id : wanted) {
        const auto machine = call.market.machines().find(id);
        if (machine == call.market.machines().end()) continue;
        for (const Maintenance& window : machine->second.maintenances) {
            Json row;
            row.set("machine_id", id).set("start_time", window.start);
            row.set("end_time", window.start + window.lasts);
            row.set("duration_hours", static_cast<double>(window.lasts.us) / 3.6e9);
            row.set("maintenance_category", window.reason).set("maintenance_reason", "planned");
            rows.push(std::move(row));
        }
    }
    return json_reply(200, rows);
}

ApiReply report_machine(Call& call) {
    if (!call.market.machines().contains(call.id())) {
        return failure(404, "not_found", "No such machine");
    }
    return done();
}

// Market prices are for hosts; a client's key is refused (vast-api 1.4).
ApiReply metrics(Call&) {
    return failure(401, "auth_error", "Your key lacks the machine_read permission group");
}

ApiReply internet_distance(Call&) {
    Json body;
    body.set("success", true).set("results", Json::array());
    return json_reply(200, body);
}

ApiReply no_jobs(Call&) {
    Json body;
    body.set("success", true).set("results", Json::array());
    return json_reply(200, body);
}

constexpr std::array kRoutes = {
    Route{"GET", "/api/v0/gpu_types/", "misc", gpu_types},
    Route{"GET", "/api/v0/machines/maintenances/", "instance_read", maintenances, "", true},
    Route{"POST", "/api/v0/machines/maintenances/", "instance_read", maintenances, "", true},
    Route{"PUT", "/api/v0/machines/{id}/report/", "instance_write", report_machine, "", true},
    Route{"GET", "/api/v0/metrics/gpu/current/", "machine_read", metrics},
    Route{"GET", "/api/v0/metrics/gpu/history/", "machine_read", metrics},
    Route{"GET", "/api/v0/metrics/gpu/locations/", "machine_read", metrics},
    Route{"POST", "/api/v0/internet_distance/", "user_read", internet_distance},
    Route{"GET", "/api/v0/commands/schedule_job/", "instance_read", no_jobs},
};

}  // namespace

std::span<const Route> machine_routes() {
    return kRoutes;
}

}  // namespace herder::vastsim
