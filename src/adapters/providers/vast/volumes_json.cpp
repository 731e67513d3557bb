#include "adapters/providers/vast/volumes_json.h"

#include <algorithm>
#include <boost/json.hpp>

#include "adapters/providers/vast/fields_json.h"

namespace herder::vast {

namespace {

namespace json = boost::json;

constexpr std::int64_t kMicro = 1'000'000;

// [5, 6], or records that carry an id.
std::vector<std::int64_t> users_of(const json::object& row) {
    std::vector<std::int64_t> users;
    const json::array* list = get_array(row, "instances");
    if (list == nullptr) return users;
    for (const json::value& user : *list) {
        if (user.is_int64()) users.push_back(user.get_int64());
        if (!user.is_object()) continue;
        if (const auto id = get_integer(user.get_object(), "id")) users.push_back(*id);
    }
    return users;
}

}  // namespace

Result<std::vector<Volume>> parse_volumes(std::string_view body) {
    std::vector<Volume> volumes;
    const Status read = read_rows(body, "volumes", "volumes", [&](const json::object& row) {
        Volume volume;
        volume.id = get_integer(row, "id").value_or(0);
        volume.label = get_line(row, "label");
        volume.status = get_line(row, "status");
        volume.physical_machine = get_integer(row, "machine_id").value_or(0);
        volume.size = {
            std::max<std::int64_t>(get_scaled(row, "disk_space", 1'000'000'000).value_or(0), 0)};
        volume.price = {get_scaled(row, "storage_total_cost", kMicro).value_or(0)};
        volume.used_by = users_of(row);
        const auto end = get_scaled(row, "end_date", kMicro);
        if (end && *end > 0) volume.ends = WallTime{*end};
        volumes.push_back(std::move(volume));
        return ok();
    });
    if (!read) return read.error();
    return volumes;
}

}  // namespace herder::vast
