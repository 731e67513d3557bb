#include "vastsim/offer_view.h"

#include <cmath>

namespace herder::vastsim {

namespace {

double rounded(double value, double steps) {
    return std::round(value * steps) / steps;
}

Json price_breakdown(UsdPerHour gpu, UsdPerHour disk) {
    Json out;
    out.set("gpuCostPerHour", gpu).set("diskHour", disk).set("totalHour", gpu + disk);
    out.set("discountTotalHour", 0).set("discountedTotalPerHour", gpu + disk);
    return out;
}

void add_gpus(Json& row, const Offer& offer) {
    const Machine& m = *offer.machine;
    const auto n = static_cast<std::int64_t>(offer.ask.gpu_count);
    Json ids = Json::array();
    for (std::size_t i = 0; i < offer.ask.gpu_count; ++i)
        ids.push(m.gpu_ids[offer.ask.first_gpu + i]);
    row.set("gpu_name", m.gpu.name).set("num_gpus", n).set("gpu_ids", std::move(ids));
    row.set("gpu_frac", static_cast<double>(n) / static_cast<double>(m.gpu_ids.size()));
    row.set("gpu_ram", m.gpu.ram_mb).set("gpu_total_ram", m.gpu.ram_mb * n);
    row.set("gpu_mem_bw", m.gpu.mem_bandwidth).set("gpu_lanes", 16);
    row.set("gpu_max_power", m.gpu.power_watts).set("gpu_max_temp", 92);
    row.set("gpu_display_active", false).set("gpu_arch", "nvidia");
    row.set("total_flops", m.gpu.tflops * static_cast<double>(n));
    row.set("compute_cap", m.gpu.compute_cap).set("cuda_max_good", 12.8);
    row.set("driver_version", "570.124.04").set("driver_vers", 570124004);
}

void add_host(Json& row, const Offer& offer) {
    const Machine& m = *offer.machine;
    const auto share =
        static_cast<double>(offer.ask.gpu_count) / static_cast<double>(m.gpu_ids.size());
    row.set("cpu_name", m.cpu_name).set("cpu_arch", "amd64").set("cpu_cores", m.cpu_cores);
    row.set("cpu_cores_effective", static_cast<double>(m.cpu_cores) * share);
    row.set("cpu_ghz", 2.65).set("cpu_ram", m.cpu_ram_mb).set("has_avx", 1);
    row.set("disk_space", static_cast<double>(offer.disk_free_gb)).set("disk_bw", 3120.5);
    row.set("disk_name", "nvme").set("inet_up", m.inet_up).set("inet_down", m.inet_down);
    row.set("inet_up_cost", 0.0).set("inet_down_cost", 0.0);
    row.set("internet_up_cost_per_tb", 0.0).set("internet_down_cost_per_tb", 0.0);
    row.set("pci_gen", 4).set("pcie_bw", 23.1).set("bw_nvlink", 0).set("mobo_name", "H12SSL-i");
    row.set("os_version", "22.04").set("resource_type", "gpu").set("cluster_id", nullptr);
    row.set("direct_port_count", 42).set("direct_port_start", 40000).set("static_ip", true);
    row.set("public_ipaddr", m.public_ip + " ").set("geolocation", m.geolocation);
    row.set("geolocode", 42424242).set("logo", "/static/logos/vastai_small2.png");
    row.set("webpage", nullptr).set("hostname", nullptr);
}

void add_prices(Json& row, const Offer& offer, double score_noise) {
    const Machine& m = *offer.machine;
    const double n = static_cast<double>(offer.ask.gpu_count);
    const double total = static_cast<double>(offer.dph_total().micros) / 1e6;
    const double dlperf = m.gpu.dlperf * n;
    row.set("storage_cost", static_cast<double>(m.storage_micros_per_gb_month) / 1e6);
    row.set("storage_total_cost", offer.storage);
    row.set("dph_base", offer.dph_base).set("dph_total", offer.dph_total());
    row.set("dph_total_adj", offer.dph_total()).set("min_bid", offer.min_bid);
    row.set("vram_costperhour", 0.000014).set("platform_fee", nullptr);
    row.set("discount_rate", 0.0).set("discounted_hourly", 0.0);
    row.set("discounted_dph_total", offer.dph_total()).set("credit_discount_max", 0.4);
    row.set("search", price_breakdown(offer.dph_base, offer.storage));
    row.set("instance", price_breakdown({0}, offer.storage));
    row.set("dlperf", dlperf).set("dlperf_per_dphtotal", rounded(dlperf / total, 1e3));
    row.set("flops_per_dphtotal", rounded(m.gpu.tflops * n / total, 1e3));
    row.set("score", rounded(dlperf / total * score_noise, 1e3));
}

}  // namespace

Json offer_row(const Offer& offer, double score_noise) {
    const Machine& m = *offer.machine;
    Json row;
    row.set("id", offer.ask.id).set("ask_contract_id", offer.ask.id);
    row.set("bundle_id", 900'000'000 + m.id * 100 + static_cast<std::int64_t>(offer.ask.gpu_count));
    row.set("bundled_results", nullptr).set("machine_id", m.id).set("host_id", m.host_id);
    row.set("hosting_type", m.datacenter ? 1 : 0);
    add_gpus(row, offer);
    add_host(row, offer);
    add_prices(row, offer, score_noise);
    row.set("reliability", m.reliability).set("reliability2", m.reliability);
    row.set("expected_reliability", m.reliability).set("reliability_mult", 0.97);
    row.set("verification", m.verified ? "verified" : "unverified");
    row.set("vericode", m.verified ? 1 : 0).set("verified", m.verified);
    row.set("is_vm_deverified", false).set("vms_enabled", false);
    row.set("rentable", offer.rentable).set("rented", offer.rented).set("is_bid", offer.is_bid);
    row.set("external", nullptr);
    row.set("duration", static_cast<double>((m.end_date - offer.now).us / 10'000) / 100.0);
    row.set("end_date", m.end_date).set("start_date", WallTime{1'785'000'000'500'000});
    row.set("time_remaining", "").set("time_remaining_isbid", "");
    row.set("nw_disk_min_bw", nullptr).set("nw_disk_max_bw", nullptr);
    row.set("nw_disk_avg_bw", nullptr).set("avail_vol_ask_id", nullptr);
    row.set("avail_vol_dph", nullptr).set("avail_vol_size", nullptr).set("rn", 1);
    return row;
}

std::optional<Json> search_value(const Offer& offer, const Json& row, std::string_view field) {
    if (field == "id") return Json();  // filtering on id matches nothing (vast-api Q16)
    if (field == "verified") return Json(offer.machine->verified);
    if (field == "datacenter") return Json(offer.machine->datacenter);
    if (field == "geolocation") {
        const std::string& place = offer.machine->geolocation;
        return Json(place.substr(place.size() - 2));
    }
    const Json* found = row.find(field);
    return found ? std::optional<Json>(*found) : std::nullopt;
}

}  // namespace herder::vastsim
