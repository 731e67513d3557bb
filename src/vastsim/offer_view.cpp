#include "vastsim/offer_view.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "base/digest.h"

namespace herder::vastsim {

namespace {

double rounded(double value, double steps) {
    return std::round(value * steps) / steps;
}

double gpus(const Offer& o) {
    return static_cast<double>(o.ask.gpu_count);
}

double share(const Offer& o) {
    return gpus(o) / static_cast<double>(o.machine->gpu_ids.size());
}

double value_for_money(const Offer& o, double amount) {
    const double total = static_cast<double>(o.dph_total().micros) / 1e6;
    return rounded(amount * gpus(o) / total, 1e3);
}

double millionths(std::int64_t micros) {
    return static_cast<double>(micros) / 1e6;
}

Json price_breakdown(UsdPerHour gpu, UsdPerHour disk) {
    Json out;
    out.set("gpuCostPerHour", gpu).set("diskHour", disk).set("totalHour", gpu + disk);
    out.set("discountTotalHour", 0).set("discountedTotalPerHour", gpu + disk);
    return out;
}

Json gpu_ids(const Offer& o) {
    Json ids = Json::array();
    for (std::size_t i = 0; i < o.ask.gpu_count; ++i)
        ids.push(o.machine->gpu_ids[o.ask.first_gpu + i]);
    return ids;
}

// Some hosts leave some fields empty (vast-api Q24); which ones follows from the machine.
bool missing(const Offer& o, std::int64_t kind) {
    return o.with_nulls && (o.machine->id + kind) % 7 == 0;
}

using Getter = Json (*)(const Offer&);
struct Field {
    std::string_view name;
    Getter value;
};

// In the order of vast-api 3.1.
constexpr std::array kFields = {
    Field{"id", [](const Offer& o) { return Json(o.ask.id); }},
    Field{"ask_contract_id", [](const Offer& o) { return Json(o.ask.id); }},
    Field{"bundle_id",
          [](const Offer& o) {
              return Json(900'000'000 + o.machine->id * 100 +
                          static_cast<std::int64_t>(o.ask.gpu_count));
          }},
    Field{"bundled_results", [](const Offer&) { return Json(); }},
    Field{"machine_id", [](const Offer& o) { return Json(o.machine->id); }},
    Field{"host_id", [](const Offer& o) { return Json(o.machine->host_id); }},
    Field{"hosting_type", [](const Offer& o) { return Json(o.machine->datacenter ? 1 : 0); }},
    Field{"hostname", [](const Offer&) { return Json(); }},
    Field{"gpu_name", [](const Offer& o) { return Json(o.machine->gpu.name); }},
    Field{"num_gpus",
          [](const Offer& o) { return Json(static_cast<std::int64_t>(o.ask.gpu_count)); }},
    Field{"gpu_ids", gpu_ids},
    Field{"gpu_frac", [](const Offer& o) { return Json(share(o)); }},
    Field{"gpu_ram", [](const Offer& o) { return Json(o.machine->gpu.ram_mb); }},
    Field{"gpu_total_ram",
          [](const Offer& o) {
              return Json(o.machine->gpu.ram_mb * static_cast<std::int64_t>(o.ask.gpu_count));
          }},
    Field{"gpu_mem_bw", [](const Offer& o) { return Json(o.machine->gpu.mem_bandwidth); }},
    Field{"gpu_lanes", [](const Offer&) { return Json(16); }},
    Field{"gpu_max_power", [](const Offer& o) { return Json(o.machine->gpu.power_watts); }},
    Field{"gpu_max_temp", [](const Offer&) { return Json(92); }},
    Field{"gpu_display_active", [](const Offer&) { return Json(false); }},
    Field{"gpu_arch", [](const Offer&) { return Json("nvidia"); }},
    Field{"total_flops", [](const Offer& o) { return Json(o.machine->gpu.tflops * gpus(o)); }},
    Field{"compute_cap", [](const Offer& o) { return Json(o.machine->gpu.compute_cap); }},
    Field{"cuda_max_good", [](const Offer&) { return Json(12.8); }},
    Field{"driver_version", [](const Offer&) { return Json("570.124.04"); }},
    Field{"driver_vers", [](const Offer&) { return Json(570124004); }},
    Field{"cpu_name", [](const Offer& o) { return Json(o.machine->cpu_name); }},
    Field{"cpu_arch", [](const Offer&) { return Json("amd64"); }},
    Field{"cpu_cores",
          [](const Offer& o) { return missing(o, 1) ? Json() : Json(o.machine->cpu_cores); }},
    Field{"cpu_cores_effective",
          [](const Offer& o) { return Json(static_cast<double>(o.machine->cpu_cores) * share(o)); }},
    Field{"cpu_ghz", [](const Offer& o) { return missing(o, 2) ? Json() : Json(2.65); }},
    Field{"cpu_ram", [](const Offer& o) { return Json(o.machine->cpu_ram_mb); }},
    Field{"has_avx", [](const Offer&) { return Json(1); }},
    Field{"disk_space", [](const Offer& o) { return Json(static_cast<double>(o.disk_free_gb)); }},
    Field{"disk_bw", [](const Offer&) { return Json(3120.5); }},
    Field{"disk_name", [](const Offer&) { return Json("nvme"); }},
    Field{"inet_up", [](const Offer& o) { return Json(o.machine->inet_up); }},
    Field{"inet_down", [](const Offer& o) { return Json(o.machine->inet_down); }},
    Field{"inet_up_cost",
          [](const Offer& o) {
              return missing(o, 3) ? Json() : Json(millionths(o.machine->up_micros_per_gb));
          }},
    Field{"inet_down_cost",
          [](const Offer& o) {
              return missing(o, 3) ? Json() : Json(millionths(o.machine->down_micros_per_gb));
          }},
    Field{"internet_up_cost_per_tb",
          [](const Offer& o) { return Json(millionths(o.machine->up_micros_per_gb * 1000)); }},
    Field{"internet_down_cost_per_tb",
          [](const Offer& o) { return Json(millionths(o.machine->down_micros_per_gb * 1000)); }},
    Field{"storage_cost",
          [](const Offer& o) { return Json(millionths(o.machine->storage_micros_per_gb_month)); }},
    Field{"storage_total_cost", [](const Offer& o) { return Json(o.storage); }},
    Field{"dph_base", [](const Offer& o) { return Json(o.dph_base); }},
    Field{"dph_total", [](const Offer& o) { return Json(o.dph_total()); }},
    Field{"dph_total_adj", [](const Offer& o) { return Json(o.dph_total()); }},
    Field{"min_bid", [](const Offer& o) { return Json(o.min_bid); }},
    Field{"vram_costperhour", [](const Offer&) { return Json(0.000014); }},
    Field{"platform_fee", [](const Offer&) { return Json(); }},
    Field{"discount_rate", [](const Offer&) { return Json(0.0); }},
    Field{"discounted_hourly", [](const Offer&) { return Json(0.0); }},
    Field{"discounted_dph_total", [](const Offer& o) { return Json(o.dph_total()); }},
    Field{"credit_discount_max", [](const Offer&) { return Json(0.4); }},
    Field{"search", [](const Offer& o) { return price_breakdown(o.dph_base, o.storage); }},
    Field{"instance", [](const Offer& o) { return price_breakdown({0}, o.storage); }},
    Field{"dlperf", [](const Offer& o) { return Json(o.machine->gpu.dlperf * gpus(o)); }},
    Field{"dlperf_per_dphtotal",
          [](const Offer& o) { return Json(value_for_money(o, o.machine->gpu.dlperf)); }},
    Field{"flops_per_dphtotal",
          [](const Offer& o) { return Json(value_for_money(o, o.machine->gpu.tflops)); }},
    Field{"score",
          [](const Offer& o) {
              return missing(o, 4) ? Json()
                                   : Json(rounded(
                                         value_for_money(o, o.machine->gpu.dlperf) * o.score_noise, 1e3));
          }},
    Field{"reliability", [](const Offer& o) { return Json(o.machine->reliability); }},
    Field{"reliability2", [](const Offer& o) { return Json(o.machine->reliability); }},
    Field{"expected_reliability", [](const Offer& o) { return Json(o.machine->reliability); }},
    Field{"reliability_mult", [](const Offer&) { return Json(0.97); }},
    Field{"verification",
          [](const Offer& o) { return Json(o.machine->verified ? "verified" : "unverified"); }},
    Field{"vericode", [](const Offer& o) { return Json(o.machine->verified ? 1 : 0); }},
    Field{"verified", [](const Offer& o) { return Json(o.machine->verified); }},
    Field{"is_vm_deverified", [](const Offer&) { return Json(false); }},
    Field{"vms_enabled", [](const Offer&) { return Json(false); }},
    Field{"rentable", [](const Offer& o) { return Json(o.rentable); }},
    Field{"rented", [](const Offer& o) { return Json(o.rented); }},
    Field{"is_bid", [](const Offer& o) { return Json(o.is_bid); }},
    Field{"external", [](const Offer&) { return Json(); }},
    Field{"direct_port_count", [](const Offer&) { return Json(42); }},
    Field{"direct_port_start", [](const Offer&) { return Json(40000); }},
    Field{"static_ip", [](const Offer&) { return Json(true); }},
    Field{"public_ipaddr", [](const Offer& o) { return Json(o.machine->public_ip + " "); }},
    Field{"geolocation",
          [](const Offer& o) { return missing(o, 0) ? Json() : Json(o.machine->geolocation); }},
    Field{"geolocode",
          [](const Offer& o) { return Json(std::int64_t{crc32c(country_of(*o.machine))}); }},
    Field{"duration",
          [](const Offer& o) {
              return Json(static_cast<double>((o.machine->end_date - o.now).us / 10'000) / 100.0);
          }},
    Field{"end_date", [](const Offer& o) { return Json(o.machine->end_date); }},
    Field{"start_date", [](const Offer&) { return Json(WallTime{1'785'000'000'500'000}); }},
    Field{"time_remaining", [](const Offer&) { return Json(""); }},
    Field{"time_remaining_isbid", [](const Offer&) { return Json(""); }},
    Field{"pci_gen", [](const Offer&) { return Json(4); }},
    Field{"pcie_bw", [](const Offer&) { return Json(23.1); }},
    Field{"bw_nvlink", [](const Offer&) { return Json(0); }},
    Field{"mobo_name", [](const Offer&) { return Json("H12SSL-i"); }},
    Field{"os_version", [](const Offer&) { return Json("22.04"); }},
    Field{"logo", [](const Offer&) { return Json("/static/logos/vastai_small2.png"); }},
    Field{"webpage", [](const Offer&) { return Json(); }},
    Field{"resource_type", [](const Offer&) { return Json("gpu"); }},
    Field{"cluster_id", [](const Offer&) { return Json(); }},
    Field{"nw_disk_min_bw", [](const Offer&) { return Json(); }},
    Field{"nw_disk_max_bw", [](const Offer&) { return Json(); }},
    Field{"nw_disk_avg_bw", [](const Offer&) { return Json(); }},
    Field{"avail_vol_ask_id",
          [](const Offer& o) { return o.volume_ask > 0 ? Json(o.volume_ask) : Json(); }},
    Field{"avail_vol_dph",
          [](const Offer& o) { return Json(Market::storage_rate(*o.machine, 1'000)); }},
    Field{"avail_vol_size",
          [](const Offer& o) { return Json(static_cast<double>(o.disk_free_gb)); }},
    Field{"rn", [](const Offer&) { return Json(1); }},
};

const Field* field_named(std::string_view name) {
    static const std::map<std::string_view, const Field*> kByName = [] {
        std::map<std::string_view, const Field*> by_name;
        for (const Field& field : kFields)
            by_name.emplace(field.name, &field);
        return by_name;
    }();
    const auto found = kByName.find(name);
    return found == kByName.end() ? nullptr : found->second;
}

}  // namespace

bool is_search_field(std::string_view field) {
    return field == "id" || field == "datacenter" || field_named(field) != nullptr;
}

std::string country_of(const Machine& machine) {
    const std::string& place = machine.geolocation;
    return place.size() < 2 ? "" : place.substr(place.size() - 2);
}

Json offer_row(const Offer& offer, const std::vector<std::string>& columns) {
    Json::Object row;
    if (columns.empty()) {
        row.reserve(kFields.size());
        for (const Field& field : kFields)
            row.emplace_back(field.name, field.value(offer));
    }
    for (const std::string& column : columns) {
        const Field* field = field_named(column);
        row.emplace_back(column, field ? field->value(offer) : Json());
    }
    return Json(std::move(row));
}

std::optional<Json> search_value(const Offer& offer, std::string_view field) {
    if (field == "id") return Json();  // filtering on id matches nothing (vast-api Q16)
    if (field == "datacenter") return Json(offer.machine->datacenter);
    if (field == "geolocation") return Json(country_of(*offer.machine));
    const Field* found = field_named(field);
    if (found == nullptr) return std::nullopt;
    return found->value(offer);
}

}  // namespace herder::vastsim
