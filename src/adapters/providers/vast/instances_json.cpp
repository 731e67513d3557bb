#include "adapters/providers/vast/instances_json.h"

#include <algorithm>
#include <boost/json.hpp>

#include "adapters/providers/vast/fields_json.h"
#include "adapters/providers/vast/machine_state.h"
#include "core/market/gpu_names.h"

namespace herder::vast {

namespace {

namespace json = boost::json;

constexpr std::int64_t kMicro = 1'000'000;
constexpr std::int64_t kGigabyte = 1'000'000'000;
constexpr std::size_t kPortsMax = 64;  // the market's own limit for one machine

void read_prices(const json::object& object, ListedMachine& machine) {
    const auto disk = get_scaled(object, "storage_total_cost", kMicro);
    const auto total = get_scaled(object, "dph_total", kMicro);
    const auto gpu = get_scaled(object, "dph_base", kMicro);
    machine.disk_price = {std::max(disk.value_or(0), std::int64_t{0})};
    if (gpu) {
        machine.gpu_price = {std::max(*gpu, std::int64_t{0})};
    } else if (total) {
        machine.gpu_price = {std::max(*total - machine.disk_price.micros, std::int64_t{0})};
    }
}

std::optional<WallTime> time_of(const json::object& object, const char* name) {
    const auto micros = get_scaled(object, name, kMicro);
    if (!micros || *micros <= 0) return std::nullopt;
    return WallTime{*micros};
}

ListedMachine listed_of(const json::object& object, ContractId contract) {
    ListedMachine machine;
    machine.contract = contract;
    machine.label = get_text(object, "label");  // null and "" both mean none
    const StatusWords words{.actual = get_text(object, "actual_status"),
                            .intended = get_text(object, "intended_status"),
                            .current = get_text(object, "cur_state"),
                            .next = get_text(object, "next_state"),
                            .message = get_text(object, "status_msg")};
    machine.state = state_of(words);
    machine.detail = describe(words);
    read_prices(object, machine);
    machine.disk = {
        std::max(get_scaled(object, "disk_space", kGigabyte).value_or(0), std::int64_t{0})};
    const auto started = time_of(object, "start_date");
    const auto ends = time_of(object, "end_date");
    if (started && ends && *ends > *started) machine.lasts = *ends - *started;
    if (const auto is_bid = get_bool(object, "is_bid")) {
        machine.rental = *is_bid ? RentalKind::kInterruptible : RentalKind::kOnDemand;
    }
    return machine;
}

// {"22/tcp":[{"HostIp":"0.0.0.0","HostPort":"33526"}, ...]}: the first of each counts.
std::vector<PortMapping> ports_of(const json::object& object) {
    std::vector<PortMapping> ports;
    const json::value* field = find_field(object, "ports");
    if (field == nullptr || !field->is_object()) return ports;
    for (const auto& [name, value] : field->get_object()) {
        if (ports.size() == kPortsMax) break;
        const std::string_view text(name);
        const std::size_t slash = std::min(text.find('/'), text.size());
        const json::array* targets = value.if_array();
        if (targets == nullptr || targets->empty() || !targets->front().is_object()) continue;
        PortMapping port;
        port.inside = parse_port(text.substr(0, slash));
        port.outside = get_port(targets->front().get_object(), "HostPort");
        if (slash < text.size()) port.protocol = std::string(text.substr(slash + 1));
        if (port.inside > 0 && port.outside > 0) ports.push_back(std::move(port));
    }
    return ports;
}

void read_hardware(const json::object& object, InstanceRecord& record) {
    record.physical_machine = get_integer(object, "machine_id").value_or(0);
    record.host = get_integer(object, "host_id").value_or(0);
    record.gpu_name = from_market_gpu_name(get_text(object, "gpu_name"));
    record.gpu_count = static_cast<int>(
        std::clamp<std::int64_t>(get_integer(object, "num_gpus").value_or(0), 0, 1024));
    record.gpu_ram_mb = std::max(get_scaled(object, "gpu_ram", 1).value_or(0), std::int64_t{0});
    record.disk = record.machine.disk;
    record.driver = get_line(object, "driver_version");
    record.location = country_of(get_text(object, "geolocation"));
}

Result<InstanceRecord> record_of(const json::value& row) {
    const Error error{ErrorCode::kCorrupt, "the market lists a machine without an id"};
    if (!row.is_object()) return error;
    const json::object& object = row.get_object();
    const ContractId contract{get_integer(object, "id").value_or(0)};
    if (contract.value <= 0) return error;
    InstanceRecord record;
    record.machine = listed_of(object, contract);
    read_hardware(object, record);
    record.image = get_line(object, "image_uuid");
    if (record.image.empty()) record.image = get_line(object, "image");
    record.run_type = get_line(object, "image_runtype");
    record.bid_floor = {
        std::max(get_scaled(object, "min_bid", kMicro).value_or(0), std::int64_t{0})};
    record.started = time_of(object, "start_date");
    record.ends = time_of(object, "end_date");
    record.public_address = get_line(object, "public_ipaddr");  // carries blanks
    record.ssh_host = get_line(object, "ssh_host");
    record.ssh_port = get_port(object, "ssh_port");
    record.ports = ports_of(object);
    return record;
}

}  // namespace

Result<MachinePage> parse_machine_page(std::string_view body) {
    json::error_code ec;
    const json::value value = json::parse(body, ec);
    const Error error{ErrorCode::kCorrupt, "the market's answer holds no list of machines"};
    if (ec || !value.is_object()) return error;
    const json::object& object = value.get_object();
    // null stands for an empty list, a missing field does not.
    if (object.if_contains("instances") == nullptr) return error;
    MachinePage page;
    if (const json::value* field = find_field(object, "instances")) {
        if (!field->is_array()) return error;
        for (const json::value& row : field->get_array()) {
            Result<InstanceRecord> machine = record_of(row);
            if (!machine) return machine.error();
            page.machines.push_back(std::move(*machine));
        }
    }
    page.found = get_integer(object, "instances_found");
    page.total = get_integer(object, "total_instances");
    page.next_token = get_text(object, "next_token");
    return page;
}

Result<std::optional<InstanceRecord>> parse_machine(std::string_view body) {
    json::error_code ec;
    const json::value value = json::parse(body, ec);
    const Error error{ErrorCode::kCorrupt, "the market's answer holds no machine"};
    if (ec || !value.is_object()) return error;
    if (value.get_object().if_contains("instances") == nullptr) return error;
    const json::value* field = find_field(value.get_object(), "instances");
    if (field == nullptr) return std::optional<InstanceRecord>();
    // Older servers answer with a list of one.
    if (const json::array* list = field->if_array()) {
        if (list->empty()) return std::optional<InstanceRecord>();
        field = &list->front();
    }
    Result<InstanceRecord> machine = record_of(*field);
    if (!machine) return machine.error();
    return std::optional<InstanceRecord>(std::move(*machine));
}

}  // namespace herder::vast
