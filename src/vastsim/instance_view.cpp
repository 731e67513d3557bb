#include "vastsim/instance_view.h"

namespace herder::vastsim {

namespace {

Json text_or_null(const std::string& text) {
    return text.empty() ? Json() : Json(text);
}

Json port_map(const Contract& contract) {
    Json ports = Json::object();
    std::int64_t host_port = 40'000 + contract.id % 20'000;
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
    row.set("onstart", text_or_null(request.onstart)).set("template_id", nullptr);
    row.set("template_hash_id", nullptr).set("template_name", nullptr);
}

void add_machine(Json& row, const Market& market, const Contract& contract, bool up) {
    const Machine& m = market.machine_of(contract);
    const auto n = static_cast<std::int64_t>(contract.gpu_count);
    const double share = static_cast<double>(n) / static_cast<double>(m.gpu_ids.size());
    row.set("machine_id", m.id).set("host_id", m.host_id).set("hosting_type", m.datacenter ? 1 : 0);
    row.set("public_ipaddr", m.public_ip + " ").set("local_ipaddrs", "10.2.202.31 172.17.0.1 \n");
    row.set("ssh_host", "ssh4.vast.ai").set("ssh_idx", "4").set("ssh_port", 18926);
    row.set("machine_dir_ssh_port", 40'001).set("ports", up ? port_map(contract) : Json());
    row.set("direct_port_start", -1).set("direct_port_end", -1).set("direct_port_count", 0);
    row.set("gpu_name", m.gpu.name).set("num_gpus", n).set("gpu_ram", m.gpu.ram_mb);
    row.set("gpu_totalram", m.gpu.ram_mb * n).set("gpu_frac", share).set("gpu_arch", "nvidia");
    row.set("gpu_util", up ? Json(97.0) : Json()).set("gpu_temp", up ? Json(61.0) : Json());
    row.set("cpu_name", m.cpu_name).set("cpu_cores", m.cpu_cores).set("cpu_ram", m.cpu_ram_mb);
    row.set("cpu_cores_effective", static_cast<double>(m.cpu_cores) * share);
    row.set("disk_space", static_cast<double>(contract.request.disk_gb));
    row.set("disk_usage", up ? 1.3 : -1.0).set("disk_util", up ? 0.1 : -1.0);
    row.set("inet_up", m.inet_up).set("inet_down", m.inet_down).set("inet_up_cost", 0.0);
    row.set("inet_down_cost", 0.0).set("driver_version", "570.124.04").set("cuda_max_good", 12.8);
    row.set("geolocation", m.geolocation)
        .set("verification", m.verified ? "verified" : "unverified");
    row.set("reliability2", m.reliability).set("static_ip", true).set("rentable", nullptr);
    row.set("score", nullptr).set("dlperf", m.gpu.dlperf * static_cast<double>(n));
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
    row.set("credit_balance", nullptr).set("credit_discount", nullptr);
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
    Json row;
    row.set("id", contract.id).set("label", text_or_null(contract.label));
    row.set("actual_status", text_or_null(reported.actual_status));
    row.set("intended_status", to_word(reported.intended)).set("cur_state", to_word(reported.cur));
    row.set("next_state", to_word(reported.next));
    row.set("status_msg", text_or_null(reported.status_msg));
    row.set("ask_contract_id", contract.request.ask_id);
    add_request(row, contract);
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
    if (endpoint == InstanceEndpoint::kList) row.set("volume_info", Json::array());
    return row;
}

}  // namespace herder::vastsim
