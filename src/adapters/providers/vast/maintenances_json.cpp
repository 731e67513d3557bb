#include "adapters/providers/vast/maintenances_json.h"

#include <boost/json.hpp>

#include "adapters/http/url.h"
#include "adapters/providers/vast/fields_json.h"

namespace herder::vast {

namespace {

namespace json = boost::json;

constexpr std::int64_t kMicro = 1'000'000;
constexpr std::int64_t kHourMicros = 3'600 * kMicro;
constexpr Duration kLastsUnknown = hours(1);
// Nothing is announced for longer; sums of what is within stay far from overflow.
constexpr Duration kLastsMax = days(365);

Duration length_of(const json::object& row, std::int64_t begins_micros) {
    const auto end = get_scaled(row, "end_time", kMicro);
    const auto length = get_scaled(row, "duration_hours", kHourMicros);
    Duration lasts = kLastsUnknown;
    if (end && *end > begins_micros)
        lasts = microseconds(*end - begins_micros);
    else if (length && *length > 0)
        lasts = microseconds(*length);
    return std::min(lasts, kLastsMax);
}

}  // namespace

std::string maintenances_target(const std::vector<std::int64_t>& machines) {
    json::array ids;
    for (const std::int64_t machine : machines)
        ids.push_back(machine);
    http::Query query;
    query.add("owner", "me");
    query.add("machine_ids", json::serialize(ids));
    return "/api/v0/machines/maintenances/?" + query.text();
}

Result<std::vector<Maintenance>> parse_maintenances(std::string_view body, WallTime now) {
    std::vector<Maintenance> windows;
    const Status read = read_rows(body, "", "maintenances", [&](const json::object& row) -> Status {
        const auto machine = get_integer(row, "machine_id");
        const auto begins = get_scaled(row, "start_time", kMicro);
        if (!machine || *machine <= 0 || !begins || *begins <= 0) {
            return Error{ErrorCode::kCorrupt,
                         "the market lists a maintenance without machine or time"};
        }
        windows.push_back({.machine = *machine,
                           .begins_in = WallTime{*begins} - now,
                           .lasts = length_of(row, *begins)});
        return ok();
    });
    if (!read) return read.error();
    return windows;
}

}  // namespace herder::vast
