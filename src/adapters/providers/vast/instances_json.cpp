#include "adapters/providers/vast/instances_json.h"

#include <algorithm>
#include <boost/json.hpp>

#include "adapters/providers/vast/fields_json.h"
#include "adapters/providers/vast/machine_state.h"

namespace herder::vast {

namespace {

namespace json = boost::json;

constexpr std::int64_t kMicro = 1'000'000;

Result<ListedMachine> machine_of(const json::value& row) {
    const Error error{ErrorCode::kCorrupt, "the market lists a machine without an id"};
    if (!row.is_object()) return error;
    const json::object& object = row.get_object();
    ListedMachine machine;
    machine.contract = {get_integer(object, "id").value_or(0)};
    if (machine.contract.value <= 0) return error;
    machine.label = get_text(object, "label");  // null and "" both mean none
    const StatusWords words{.actual = get_text(object, "actual_status"),
                            .intended = get_text(object, "intended_status"),
                            .current = get_text(object, "cur_state"),
                            .next = get_text(object, "next_state"),
                            .message = get_text(object, "status_msg")};
    machine.state = state_of(words);
    machine.detail = describe(words);
    const auto disk = get_scaled(object, "storage_total_cost", kMicro);
    const auto total = get_scaled(object, "dph_total", kMicro);
    const auto gpu = get_scaled(object, "dph_base", kMicro);
    machine.disk_price = {std::max(disk.value_or(0), std::int64_t{0})};
    if (gpu) {
        machine.gpu_price = {std::max(*gpu, std::int64_t{0})};
    } else if (total) {
        machine.gpu_price = {std::max(*total - machine.disk_price.micros, std::int64_t{0})};
    }
    return machine;
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
            Result<ListedMachine> machine = machine_of(row);
            if (!machine) return machine.error();
            page.machines.push_back(std::move(*machine));
        }
    }
    page.found = get_integer(object, "instances_found");
    page.total = get_integer(object, "total_instances");
    page.next_token = get_text(object, "next_token");
    return page;
}

Result<std::optional<ListedMachine>> parse_machine(std::string_view body) {
    json::error_code ec;
    const json::value value = json::parse(body, ec);
    const Error error{ErrorCode::kCorrupt, "the market's answer holds no machine"};
    if (ec || !value.is_object()) return error;
    if (value.get_object().if_contains("instances") == nullptr) return error;
    const json::value* field = find_field(value.get_object(), "instances");
    if (field == nullptr) return std::optional<ListedMachine>();
    // Older servers answer with a list of one.
    if (const json::array* list = field->if_array()) {
        if (list->empty()) return std::optional<ListedMachine>();
        field = &list->front();
    }
    Result<ListedMachine> machine = machine_of(*field);
    if (!machine) return machine.error();
    return std::optional<ListedMachine>(std::move(*machine));
}

}  // namespace herder::vast
