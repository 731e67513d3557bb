// Volumes: local disks of one machine (vast-api 2.15). Network volumes are withdrawn.
#include <algorithm>
#include <array>
#include <cctype>

#include "vastsim/query.h"
#include "vastsim/route.h"

namespace herder::vastsim {

namespace {

constexpr std::size_t kNameMost = 64;
constexpr std::int64_t kRowsDefault = 64;

Json offer_of(const VolumeOffer& offer, std::int64_t milli_gb) {
    const Machine& m = *offer.machine;
    Json row;
    row.set("id", offer.id).set("ask_contract_id", offer.id).set("machine_id", m.id);
    row.set("host_id", m.host_id).set("disk_space", static_cast<double>(offer.free_gb));
    row.set("disk_name", "nvme").set("disk_bw", 3120.5);
    row.set("storage_cost", static_cast<double>(m.storage_micros_per_gb_month) / 1e6);
    row.set("storage_total_cost", Market::storage_rate(m, milli_gb));
    row.set("geolocation", m.geolocation).set("reliability2", m.reliability);
    row.set("reliability", m.reliability);
    row.set("inet_up", m.inet_up).set("inet_down", m.inet_down);
    row.set("inet_up_cost", static_cast<double>(m.up_micros_per_gb) / 1e6);
    row.set("inet_down_cost", static_cast<double>(m.down_micros_per_gb) / 1e6);
    row.set("verification", m.verified ? "verified" : "unverified").set("verified", m.verified);
    row.set("duration", 86'400.0 * 30).set("end_date", m.end_date).set("external", nullptr);
    row.set("gpu_name", m.gpu.name).set("cuda_max_good", 12.8).set("cpu_ghz", 2.65);
    row.set("driver_version", "570.124.04").set("vericode", m.verified ? 1 : 0);
    row.set("hosting_type", m.datacenter ? 1 : 0).set("has_avx", 1).set("static_ip", true);
    return row;
}

ApiReply search_volumes(Call& call) {
    const Result<SearchQuery> query = parse_search(call.body);
    if (!query) return failure(400, "invalid_request", query.error().message);
    const auto limit = static_cast<std::size_t>(query->limit.value_or(kRowsDefault));
    Json rows = Json::array();
    for (const VolumeOffer& offer : call.market.volume_offers()) {
        if (rows.if_array()->size() >= limit) break;
        Json row = offer_of(offer, query->allocated_milli_gb);
        const bool kept =
            std::all_of(query->filters.begin(), query->filters.end(), [&](const Filter& filter) {
                if (filter.field == "rentable" || filter.field == "rented") return true;
                const Json* value = row.find(filter.field);
                return matches(filter, value ? *value : Json());
            });
        if (kept) rows.push(std::move(row));
    }
    Json body;
    body.set("offers", std::move(rows));
    return json_reply(200, body);
}

bool is_name(const std::string& name) {
    return !name.empty() && name.size() <= kNameMost &&
           std::all_of(name.begin(), name.end(),
                       [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

ApiReply create_volume(Call& call) {
    const Json* id = call.find("id");
    const Json* size = call.find("size");
    if (id == nullptr || size == nullptr) {
        return failure(400, "invalid_args", "id and size are required");
    }
    const std::string name = call.text("name");
    if (!name.empty() && !is_name(name)) return failure(422, "invalid_args", "Invalid volume name");
    const Result<ContractNumber> made = call.market.create_volume(
        id->to_integer().value_or(0), size->to_integer().value_or(0), name);
    if (!made) {
        return failure(made.error().code == ErrorCode::kNotFound ? 404 : 400, "no_such_ask",
                       made.error().message);
    }
    Json body;
    body.set("success", true).set("volume_name", call.market.volumes().at(*made).name);
    return json_reply(200, body);
}

Json volume_row(const Call& call, const Volume& volume) {
    const auto users = call.market.users_of(volume);
    const Machine& machine = call.market.machines().at(volume.machine_id);
    Json instances = Json::array();
    for (const ContractNumber user : users)
        instances.push(user);
    Json row;
    row.set("id", volume.id).set("label", volume.name).set("name", volume.name);
    row.set("status", users.empty() ? "created" : "in-use").set("type", "local_volume");
    row.set("machine_id", volume.machine_id).set("host_id", machine.host_id);
    row.set("disk_space", static_cast<double>(volume.size_gb));
    row.set("size", static_cast<double>(volume.size_gb));
    row.set("instances", std::move(instances)).set("storage_total_cost", volume.rate);
    row.set("storage_cost", static_cast<double>(machine.storage_micros_per_gb_month) / 1e6);
    row.set("start_date", volume.created).set("end_date", machine.end_date);
    row.set("geolocation", machine.geolocation).set("reliability2", machine.reliability);
    row.set("disk_name", "nvme").set("disk_bw", 3120.5).set("driver_version", "570.124.04");
    row.set("verification", machine.verified ? "verified" : "unverified");
    row.set("inet_up", machine.inet_up).set("inet_down", machine.inet_down);
    return row;
}

ApiReply list_volumes(Call& call) {
    Json rows = Json::array();
    const bool local = call.query("type") != "network_volume";
    for (const auto& [id, volume] : call.market.volumes()) {
        if (local && !volume.deleted) rows.push(volume_row(call, volume));
    }
    Json body;
    body.set("success", true).set("volumes", std::move(rows));
    return json_reply(200, body);
}

ApiReply delete_volume(Call& call) {
    const Json* in_body = call.find("id");
    const Json id = in_body ? *in_body : Json(call.query("id"));
    const Status deleted = call.market.delete_volume(id.to_integer().value_or(0));
    if (deleted) return done();
    const bool unknown = deleted.error().code == ErrorCode::kNotFound;
    return failure(unknown ? 404 : 400, unknown ? "no_such_volume" : "volume_in_use",
                   deleted.error().message);
}

ApiReply withdrawn(Call&) {
    return failure(400, "invalid_request", "Network volumes are not available.");
}

ApiReply no_offers(Call&) {
    Json body;
    body.set("offers", Json::array());
    return json_reply(200, body);
}

constexpr std::array kRoutes = {
    Route{"POST", "/api/v0/volumes/search/", "misc", search_volumes},
    Route{"PUT", "/api/v0/volumes/", "instance_write", create_volume},
    Route{"GET", "/api/v0/volumes/", "instance_read", list_volumes, "", true},
    Route{"DELETE", "/api/v0/volumes/", "instance_write", delete_volume},
    Route{"POST", "/api/v0/network_volumes/search/", "misc", no_offers},
    Route{"PUT", "/api/v0/network_volumes/", "instance_write", withdrawn},
};

}  // namespace

std::span<const Route> volume_routes() {
    return kRoutes;
}

}  // namespace herder::vastsim
