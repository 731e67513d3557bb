#include "vastsim/instance_view.h"

#include "base/digest.h"
#include "vastsim/offer_view.h"

namespace herder::vastsim {

namespace {

Json text_or_null(const std::string& text) {
    return text.empty() ? Json() : Json(text);
}

Json port_map(const Market& market, const Contract& contract) {
    Json ports = Json::object();
    std::int64_t host_port = first_port(market.scenario(), contract);
    for (const auto& [key, value] : contract.request.env) {
        if (!key.starts_with("-p ")) continue;
        std::string inner = key.substr(key.rfind(':') + 1);
        if (inner.find('/') == std::string::npos) inner += "/tcp";
        Json both = Json::array();
        for (const char* address : {"0.0.0.0", "::"}) {
            Json one;
            one.set("HostIp", address).set("HostPort", std::to_string(host_port));
            both.push(std::move(one));
        }
        ++host_port;
        ports.set(inner, std::move(both));
    }
    return ports;
}

Json volume_info(const Market& market, const Contract& contract) {
    Json list = Json::array();
    const auto found = market.volumes().find(contract.volume);
    if (found == market.volumes().end() || found->second.deleted) return list;
    Json one;
    one.set("volume_id", found->second.id).set("name", found->second.name);
    one.set("size", found->second.size_gb);
    one.set("mount_path", contract.request.volume->mount_path);
    list.push(std::move(one));
    return list;
}

void add_request(Json& row, const Contract& contract) {
    const CreateRequest& request = contract.request;
    Json args = Json::array();
    for (const std::string& arg : request.args)
        args.push(arg);
    Json env = Json::array();
    for (const auto& [key, value] : request.env) {
        Json pair = Json::array();
        pair.push(key);
        pair.push(value);
        env.push(std::move(pair));
    }
    row.set("image_uuid", request.image).set("image_args", std::move(args));
    row.set("image_runtype", request.runtype).set("extra_env", std::move(env));
    row.set("onstart", text_or_null(request.onstart));
    row.set("template_id", request.template_id > 0 ? Json(request.template_id) : Json());
    row.set("template_hash_id", text_or_null(request.template_hash));
    row.set("template_name", text_or_null(request.template_name));
    row.set("jupyter_token", sha256_hex(contract.api_key));
}

void add_addresses(Json& row, const Market& market, const Contract& contract, bool ports) {
    const Machine& m = market.machine_of(contract);
    const std::int64_t proxy = 2 + m.id % 8;
    row.set("public_ipaddr", address_of(m, contract) + " ");
    row.set("local_ipaddrs", "10.2.202.31 172.17.0.1 \n");
    row.set("ssh_host", "ssh" + std::to_string(proxy) + ".vast.ai");
    row.set("ssh_idx", std::to_string(proxy)).set("ssh_port", 10'000 + contract.id % 30'000);
    row.set("machine_dir_ssh_port", 40'001);
    row.set("ports", ports ? port_map(market, contract) : Json());
    row.set("direct_port_start", -1).set("direct_port_end", -1).set("direct_port_count", 0);
}

void add_gpus(Json& row, const Machine& m, const Contract& contract, bool up) {
    const auto n = static_cast<std::int64_t>(contract.gpu_count);
    const double share = static_cast<double>(n) / static_cast<double>(m.gpu_ids.size());
    row.set("gpu_name", m.gpu.name).set("num_gpus", n).set("gpu_ram", m.gpu.ram_mb);
    row.set("gpu_totalram", m.gpu.ram_mb * n).set("gpu_frac", share).set("gpu_arch", "nvidia");
    row.set("gpu_lanes", 16).set("gpu_mem_bw", m.gpu.mem_bandwidth);
    row.set("gpu_util", up ? Json(97.0) : Json()).set("gpu_temp", up ? Json(61.0) : Json());
    row.set("compute_cap", m.gpu.compute_cap);
    row.set("total_flops", m.gpu.tflops * static_cast<double>(n));
    row.set("dlperf", m.gpu.dlperf * static_cast<double>(n));
    const double hourly = static_cast<double>((contract.gpu_rate + contract.storage_rate).micros);
    const double value = hourly > 0 ? 1e6 / hourly : 0;
    row.set("dlperf_per_dphtotal", m.gpu.dlperf * static_cast<double>(n) * value);
    row.set("flops_per_dphtotal", m.gpu.tflops * static_cast<double>(n) * value);
    row.set("cpu_util", up ? Json(12.5) : Json()).set("cpu_name", m.cpu_name);
    row.set("cpu_cores", m.cpu_cores).set("cpu_ram", m.cpu_ram_mb).set("cpu_arch", "amd64");
    row.set("cpu_cores_effective", static_cast<double>(m.cpu_cores) * share);
    row.set("has_avx", 1)
        .set("mem_limit", up ? Json(static_cast<double>(m.cpu_ram_mb) * share / 1e3) : Json());
    row.set("mem_usage", up ? Json(3.2) : Json()).set("vmem_usage", up ? Json(0.5) : Json());
}

void add_machine(Json& row, const Market& market, const Contract& contract, bool up) {
    const Machine& m = market.machine_of(contract);
    row.set("machine_id", m.id).set("host_id", m.host_id).set("hosting_type", m.datacenter ? 1 : 0);
    row.set("bundle_id", 900'000'000 + m.id * 100 + static_cast<std::int64_t>(contract.gpu_count));
    add_gpus(row, m, contract, up);
    const bool counted = market.scenario().image_in_disk;
    const double image = static_cast<double>(image_gb(contract.request.image));
    row.set("disk_space", static_cast<double>(contract.disk_gb)).set("disk_name", "nvme");
    row.set("disk_bw", 3120.5).set("disk_usage", up ? 1.3 + (counted ? image : 0) : -1.0);
    row.set("disk_util", up ? 0.1 : -1.0);
    row.set("inet_up", m.inet_up).set("inet_down", m.inet_down);
    row.set("inet_up_cost", static_cast<double>(m.up_micros_per_gb) / 1e6);
    row.set("inet_down_cost", static_cast<double>(m.down_micros_per_gb) / 1e6);
    row.set("pci_gen", 4).set("pcie_bw", 23.1).set("bw_nvlink", 0).set("mobo_name", "H12SSL-i");
    row.set("os_version", "22.04").set("driver_version", "570.124.04").set("cuda_max_good", 12.8);
    row.set("geolocation", m.geolocation);
    row.set("country_code", country_of(m))
        .set("verification", m.verified ? "verified" : "unverified");
    row.set("reliability2", m.reliability).set("static_ip", true).set("rentable", nullptr);
    row.set("score", nullptr).set("logo", "/static/logos/vastai_small2.png");
}

void add_prices(Json& row, const Market& market, const Contract& contract) {
    const Machine& m = market.machine_of(contract);
    const UsdPerHour total = contract.gpu_rate + contract.storage_rate;
    row.set("is_bid", contract.bid.has_value());
    row.set("min_bid", market.min_bid(m, contract.first_gpu, contract.gpu_count));
    row.set("dph_base", contract.gpu_rate).set("dph_total", total);
    row.set("storage_cost", static_cast<double>(m.storage_micros_per_gb_month) / 1e6);
    row.set("storage_total_cost", contract.storage_rate);
    Json search;
    search.set("gpuCostPerHour", contract.gpu_rate).set("diskHour", contract.storage_rate);
    search.set("totalHour", total).set("discountTotalHour", 0);
    search.set("discountedTotalPerHour", total);
    row.set("search", std::move(search));
    Json instance;
    instance.set("gpuCostPerHour", 0).set("diskHour", contract.storage_rate);
    instance.set("totalHour", contract.storage_rate).set("discountTotalHour", 0);
    instance.set("discountedTotalPerHour", contract.storage_rate);
    row.set("instance", std::move(instance)).set("vram_costperhour", 0.000014);
    const bool reserved = contract.deposit.micros > 0;
    row.set("credit_balance", reserved ? Json(contract.deposit) : Json());
    row.set("credit_discount", reserved ? Json(contract.discount_rate) : Json());
    row.set("credit_discount_max", 0.4);
    row.set("client_run_time", 1.0).set("host_run_time", 2'592'000.0);
}

}  // namespace

const char* to_word(ContractState state) {
    switch (state) {
        case ContractState::kRunning:
            return "running";
        case ContractState::kStopped:
            return "stopped";
        case ContractState::kScheduling:
            return "scheduling";
    }
    return "unknown";
}

Json instance_row(const Market& market, const Contract& contract, const Reported& reported,
                  InstanceEndpoint endpoint) {
    const bool up = reported.actual_status == "running";
    const bool ports =
        up && (endpoint == InstanceEndpoint::kList || market.scenario().show_has_ports);
    Json row;
    row.set("id", contract.id).set("label", text_or_null(contract.label));
    row.set("actual_status", text_or_null(reported.actual_status));
    row.set("intended_status", to_word(reported.intended)).set("cur_state", to_word(reported.cur));
    row.set("next_state", to_word(reported.next));
    row.set("status_msg", text_or_null(reported.status_msg));
    row.set("ask_contract_id", contract.request.ask_id);
    add_request(row, contract);
    add_addresses(row, market, contract, ports);
    add_machine(row, market, contract, up);
    add_prices(row, market, contract);
    row.set("start_date", contract.created).set("end_date", contract.end_date);
    row.set("duration",
            static_cast<double>((contract.end_date - market.now()).us / 10'000) / 100.0);
    const double since =
        static_cast<double>((market.now() - contract.created).us / 6'000'000) / 10.0;
    row.set("uptime_mins", up ? Json(since) : Json());
    row.set("external", false).set("webpage", nullptr).set("time_remaining", "");
    row.set("time_remaining_isbid", "");
    if (endpoint == InstanceEndpoint::kList) row.set("volume_info", volume_info(market, contract));
    return row;
}

}  // namespace herder::vastsim
