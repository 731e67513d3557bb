#include <array>
#include <functional>

#include "vastsim/fault.h"
#include "vastsim/scenario.h"
#include "vastsim/value_json.h"

namespace herder::vastsim {

namespace {

template <typename Field>
using Named = std::pair<std::string_view, Field Scenario::*>;

constexpr std::array kRanges = {Named<DelayRange>{"visible_s", &Scenario::visible},
                                Named<DelayRange>{"provisioning_s", &Scenario::provisioning},
                                Named<DelayRange>{"created_s", &Scenario::created},
                                Named<DelayRange>{"image_pull_s", &Scenario::image_pull},
                                Named<DelayRange>{"cached_start_s", &Scenario::cached_start},
                                Named<DelayRange>{"stop_s", &Scenario::stop},
                                Named<DelayRange>{"heartbeat_s", &Scenario::heartbeat}};

constexpr std::array kDurations = {
    Named<Duration>{"unknown_after_s", &Scenario::unknown_after},
    Named<Duration>{"offline_after_s", &Scenario::offline_after},
    Named<Duration>{"credit_refresh_s", &Scenario::credit_refresh},
    Named<Duration>{"charges_delay_s", &Scenario::charges_delay},
    Named<Duration>{"outbid_hold_s", &Scenario::outbid_hold},
    Named<Duration>{"tenant_interval_s", &Scenario::tenant_interval},
    Named<Duration>{"tenant_stay_median_s", &Scenario::tenant_stay_median},
    Named<Duration>{"price_step_s", &Scenario::price_step},
    Named<Duration>{"create_penalty_s", &Scenario::create_penalty}};

constexpr std::array kFlags = {
    Named<bool>{"outbid_keeps_intended", &Scenario::outbid_keeps_intended},
    Named<bool>{"loading_reads_stopped", &Scenario::loading_reads_stopped},
    Named<bool>{"refused_calls_restart_interval", &Scenario::refused_calls_restart_interval},
    Named<bool>{"bill_loading", &Scenario::bill_loading}};

constexpr std::array kCounts = {
    Named<std::uint64_t>{"machines", &Scenario::machines},
    Named<std::uint64_t>{"search_row_cap", &Scenario::search_row_cap},
    Named<std::uint64_t>{"start_refusal_per_million", &Scenario::start_refusal_per_million}};

Result<Duration> to_duration(const Json& value) {
    const Result<std::int64_t> micros = value.to_micros();
    if (!micros || *micros < 0) return invalid("must be a number of seconds");
    return microseconds(*micros);
}

Status read_range(DelayRange& range, const Json& value) {
    const Json::Array* pair = value.if_array();
    if (pair == nullptr || pair->size() != 2) return invalid("must be [low, high] in seconds");
    const Result<Duration> low = to_duration(pair->front());
    const Result<Duration> high = to_duration(pair->back());
    if (!low || !high || *high < *low) return invalid("must be [low, high] in seconds");
    range = {*low, *high};
    return ok();
}

Status read_faults(Scenario& scenario, const Json& value) {
    const Json::Object* object = value.if_object();
    if (object == nullptr) return invalid("must be an object of fault names");
    for (const auto& [name, setting] : *object) {
        if (!is_fault_name(name)) return invalid("no fault is called '" + name + "'");
        FaultSetting fault;
        if (const Json* p = setting.find("probability")) {
            fault.per_million = static_cast<std::uint64_t>(p->to_micros().value_or(0));
        }
        if (const Json* next = setting.find("next")) {
            fault.next_calls = next->to_integer().value_or(0);
        }
        if (const Json* amount = setting.find("amount")) {
            fault.amount = amount->to_integer().value_or(0);
        }
        scenario.faults[name] = fault;
    }
    return ok();
}

// nullopt-like: NotFound when this table does not know the key.
Status read_key(Scenario& scenario, const std::string& key, const Json& value) {
    for (const auto& [name, field] : kRanges) {
        if (key == name) return read_range(scenario.*field, value);
    }
    for (const auto& [name, field] : kDurations) {
        if (key != name) continue;
        const Result<Duration> duration = to_duration(value);
        if (!duration) return duration.error();
        scenario.*field = *duration;
        return ok();
    }
    for (const auto& [name, field] : kFlags) {
        if (key != name) continue;
        if (value.if_bool() == nullptr) return invalid("must be true or false");
        scenario.*field = *value.if_bool();
        return ok();
    }
    for (const auto& [name, field] : kCounts) {
        if (key != name) continue;
        const Result<std::int64_t> count = value.to_integer();
        if (!count || *count < 0) return invalid("must be a whole number");
        scenario.*field = static_cast<std::uint64_t>(*count);
        return ok();
    }
    if (key == "faults") return read_faults(scenario, value);
    if (key == "credit") {
        const Result<std::int64_t> micros = value.to_micros();
        if (!micros) return invalid("must be dollars");
        scenario.credit = usd_micros(*micros);
        return ok();
    }
    if (key == "name" && value.if_string()) {
        scenario.name = *value.if_string();
        return ok();
    }
    return key == "about" ? ok() : Status(invalid("unknown key"));
}

}  // namespace

Result<Scenario> parse_scenario(const std::string& text) {
    const Result<Json> parsed = parse_json(text);
    if (!parsed) return parsed.error();
    const Json::Object* members = parsed->if_object();
    if (members == nullptr) return invalid("must be one JSON object");
    Scenario scenario = calm_scenario();
    for (const auto& [key, value] : *members) {
        if (const Status read = read_key(scenario, key, value); !read) {
            return Error(read.error()).with_context("'" + key + "'");
        }
    }
    return scenario;
}

}  // namespace herder::vastsim
