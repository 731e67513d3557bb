#include "vastsim/scenario_event.h"

#include <array>
#include <cmath>

#include "vastsim/fault.h"

namespace herder::vastsim {

namespace {

struct NamedKind {
    std::string_view name;
    EventKind kind;
};
constexpr std::array kKinds = {NamedKind{"prices", EventKind::kPrices},
                               NamedKind{"evict", EventKind::kEvict},
                               NamedKind{"offline", EventKind::kOffline},
                               NamedKind{"vanish", EventKind::kVanish},
                               NamedKind{"unlist", EventKind::kUnlist},
                               NamedKind{"crash", EventKind::kCrash},
                               NamedKind{"credit", EventKind::kCredit},
                               NamedKind{"fault", EventKind::kFault},
                               NamedKind{"end_rentals", EventKind::kEndRentals},
                               NamedKind{"price_increase", EventKind::kPriceIncrease},
                               NamedKind{"maintenance", EventKind::kMaintenance},
                               NamedKind{"move_address", EventKind::kMoveAddress}};

Status read_kind(ScenarioEvent& event, const Json& value) {
    for (const auto& [name, kind] : kKinds) {
        if (value != Json(name)) continue;
        event.kind = kind;
        return ok();
    }
    return invalid("no event is called " + value.to_text());
}

Status read_time(ScenarioEvent& event, const std::string& key, const Json& value) {
    const Result<Duration> time = to_duration(value);
    if (!time) return time.error();
    if (key == "at_s") event.at = *time;
    if (key == "every_s") event.every = *time;
    if (key == "for_s") event.lasts = *time;
    if (key == "notice_s") event.notice = *time;
    return ok();
}

Status read_member(ScenarioEvent& event, const std::string& key, const Json& value) {
    if (key == "do") return read_kind(event, value);
    if (key.ends_with("_s")) {
        const bool known = key == "at_s" || key == "every_s" || key == "for_s" || key == "notice_s";
        return known ? read_time(event, key, value) : Status(invalid("unknown key"));
    }
    if (key == "gpu" && value.if_string()) {
        event.gpu = *value.if_string();
    } else if (key == "country" && value.if_string()) {
        event.country = *value.if_string();
    } else if (key == "fault" && value.if_string()) {
        if (!is_fault_name(*value.if_string())) return invalid("no such fault");
        event.fault = *value.if_string();
    } else if (key == "with") {
        event.setting = parse_fault_setting(value);
    } else if (key == "share" || key == "factor" || key == "amount") {
        const Result<std::int64_t> micros = value.to_micros();
        if (!micros) return invalid("must be a number");
        if (key == "share") event.share_per_million = static_cast<std::uint64_t>(*micros);
        if (key == "factor") event.factor_milli = *micros / 1000;
        if (key == "amount") event.amount_micros = *micros;
    } else {
        return invalid("unknown key");
    }
    return ok();
}

}  // namespace

Result<Duration> to_duration(const Json& value) {
    const Result<std::int64_t> micros = value.to_micros();
    if (!micros || *micros < 0) return invalid("must be a number of seconds");
    return microseconds(*micros);
}

FaultSetting parse_fault_setting(const Json& setting) {
    const auto integer = [&](const char* key) {
        const Json* value = setting.find(key);
        return value ? value->to_integer().value_or(0) : 0;
    };
    const Json* probability = setting.find("probability");
    return {.per_million =
                probability ? static_cast<std::uint64_t>(probability->to_micros().value_or(0)) : 0,
            .next_calls = integer("next"),
            .amount = integer("amount"),
            .skip_calls = integer("skip"),
            .machine = integer("machine")};
}

Result<ScenarioEvent> parse_event(const Json& json) {
    const Json::Object* members = json.if_object();
    if (members == nullptr || json.find("do") == nullptr) {
        return invalid("an event must be a mapping with 'do'");
    }
    ScenarioEvent event;
    for (const auto& [key, value] : *members) {
        if (const Status read = read_member(event, key, value); !read) {
            return Error(read.error()).with_context("event key '" + key + "'");
        }
    }
    if (event.kind == EventKind::kFault && event.fault.empty()) {
        return invalid("an event that switches a fault on needs 'fault'");
    }
    return event;
}

}  // namespace herder::vastsim
