// The keys of scenario files (docs/vastsim.md).
#include <array>
#include <cmath>
#include <functional>

#include "vastsim/fault.h"
#include "vastsim/scenario.h"
#include "vastsim/scenario_event.h"
#include "vastsim/scenario_yaml.h"
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
                                Named<DelayRange>{"heartbeat_s", &Scenario::heartbeat},
                                Named<DelayRange>{"outbid_report_s", &Scenario::outbid_report},
                                Named<DelayRange>{"log_upload_s", &Scenario::log_upload},
                                Named<DelayRange>{"host_loss_s", &Scenario::host_loss}};

constexpr std::array kDurations = {
    Named<Duration>{"unknown_after_s", &Scenario::unknown_after},
    Named<Duration>{"offline_after_s", &Scenario::offline_after},
    Named<Duration>{"credit_refresh_s", &Scenario::credit_refresh},
    Named<Duration>{"charges_delay_s", &Scenario::charges_delay},
    Named<Duration>{"outbid_hold_s", &Scenario::outbid_hold},
    Named<Duration>{"refused_start_fires_s", &Scenario::refused_start_fires},
    Named<Duration>{"expired_kept_s", &Scenario::expired_kept},
    Named<Duration>{"tenant_interval_s", &Scenario::tenant_interval},
    Named<Duration>{"tenant_stay_median_s", &Scenario::tenant_stay_median},
    Named<Duration>{"price_step_s", &Scenario::price_step},
    Named<Duration>{"host_loss_interval_s", &Scenario::host_loss_interval},
    Named<Duration>{"autobill_delay_s", &Scenario::autobill_delay},
    Named<Duration>{"debt_buffer_s", &Scenario::debt_buffer},
    Named<Duration>{"create_penalty_s", &Scenario::create_penalty},
    Named<Duration>{"sigterm_s", &Scenario::sigterm},
    Named<Duration>{"preempt_sigterm_s", &Scenario::preempt_sigterm}};

constexpr std::array kFlags = {
    Named<bool>{"bandwidth_costs", &Scenario::bandwidth_costs},
    Named<bool>{"search_nulls", &Scenario::search_nulls},
    Named<bool>{"refused_calls_restart_interval", &Scenario::refused_calls_restart_interval},
    Named<bool>{"rate_limit_per_id", &Scenario::rate_limit_per_id},
    Named<bool>{"retry_after_header", &Scenario::retry_after_header},
    Named<bool>{"outbid_keeps_intended", &Scenario::outbid_keeps_intended},
    Named<bool>{"outbid_mixed", &Scenario::outbid_mixed},
    Named<bool>{"outbid_reads_stopped", &Scenario::outbid_reads_stopped},
    Named<bool>{"outbid_resumes", &Scenario::outbid_resumes},
    Named<bool>{"bid_tie_evicts", &Scenario::bid_tie_evicts},
    Named<bool>{"loading_reads_stopped", &Scenario::loading_reads_stopped},
    Named<bool>{"loading_mixed", &Scenario::loading_mixed},
    Named<bool>{"end_keeps_intended", &Scenario::end_keeps_intended},
    Named<bool>{"credit_out_keeps_intended", &Scenario::credit_out_keeps_intended},
    Named<bool>{"offline_reads_stopped", &Scenario::offline_reads_stopped},
    Named<bool>{"topup_resumes", &Scenario::topup_resumes},
    Named<bool>{"bill_loading", &Scenario::bill_loading},
    Named<bool>{"bill_exited", &Scenario::bill_exited},
    Named<bool>{"restart_exited", &Scenario::restart_exited},
    Named<bool>{"bid_per_gpu", &Scenario::bid_per_gpu},
    Named<bool>{"env_string_parsed", &Scenario::env_string_parsed},
    Named<bool>{"scope_missing_403", &Scenario::scope_missing_403},
    Named<bool>{"start_without_credit_queues", &Scenario::start_without_credit_queues},
    Named<bool>{"image_in_disk", &Scenario::image_in_disk},
    Named<bool>{"bill_image_pull", &Scenario::bill_image_pull},
    Named<bool>{"pull_by_size", &Scenario::pull_by_size},
    Named<bool>{"ssh_key_reaches_all", &Scenario::ssh_key_reaches_all},
    Named<bool>{"show_has_ports", &Scenario::show_has_ports},
    Named<bool>{"ports_change_on_start", &Scenario::ports_change_on_start},
    Named<bool>{"serve_without_slash", &Scenario::serve_without_slash},
    Named<bool>{"webhooks_public_only", &Scenario::webhooks_public_only}};

constexpr std::array kCounts = {
    Named<std::uint64_t>{"machines", &Scenario::machines},
    Named<std::uint64_t>{"search_row_cap", &Scenario::search_row_cap},
    Named<std::uint64_t>{"search_sample_per_million", &Scenario::search_sample_per_million},
    Named<std::uint64_t>{"tenant_on_demand_per_million", &Scenario::tenant_on_demand_per_million},
    Named<std::uint64_t>{"price_step_most_per_mille", &Scenario::price_step_most_per_mille},
    Named<std::uint64_t>{"host_vanishes_per_million", &Scenario::host_vanishes_per_million},
    Named<std::uint64_t>{"offline_container_dies_per_million",
                         &Scenario::offline_container_dies_per_million},
    Named<std::uint64_t>{"lying_hosts_per_million", &Scenario::lying_hosts_per_million},
    Named<std::uint64_t>{"args_limit", &Scenario::args_limit},
    Named<std::uint64_t>{"start_refusal_per_million", &Scenario::start_refusal_per_million}};

constexpr std::array kAmounts = {Named<Usd>{"credit", &Scenario::credit},
                                 Named<Usd>{"autobill_threshold", &Scenario::autobill_threshold},
                                 Named<Usd>{"autobill_amount", &Scenario::autobill_amount},
                                 Named<Usd>{"bid_most_per_gpu", &Scenario::bid_most_per_gpu},
                                 Named<Usd>{"spend_cap_per_hour", &Scenario::spend_cap_per_hour}};

template <typename Table>
auto field_of(const Table& table, std::string_view key) {
    for (const auto& [name, field] : table) {
        if (name == key) return field;
    }
    return decltype(table.front().second){nullptr};
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
        scenario.faults[name] = parse_fault_setting(setting);
    }
    return ok();
}

Status read_events(Scenario& scenario, const Json& value) {
    const Json::Array* list = value.if_array();
    if (list == nullptr) return invalid("must be a list of events");
    scenario.events.clear();
    for (const Json& one : *list) {
        Result<ScenarioEvent> event = parse_event(one);
        if (!event) return event.error();
        scenario.events.push_back(std::move(*event));
    }
    return ok();
}

Status read_number(Scenario& scenario, const std::string& key, const Json& value) {
    if (const auto field = field_of(kCounts, key)) {
        const Result<std::int64_t> count = value.to_integer();
        if (!count || *count < 0) return invalid("must be a whole number");
        scenario.*field = static_cast<std::uint64_t>(*count);
        return ok();
    }
    const auto field = field_of(kAmounts, key);
    if (!field) return invalid("unknown key");
    const Result<std::int64_t> micros = value.to_micros();
    if (!micros) return invalid("must be dollars");
    scenario.*field = usd_micros(*micros);
    return ok();
}

Status read_key(Scenario& scenario, const std::string& key, const Json& value) {
    if (key == "about") return ok();
    if (key == "faults") return read_faults(scenario, value);
    if (key == "events") return read_events(scenario, value);
    if (const auto field = field_of(kRanges, key)) return read_range(scenario.*field, value);
    if (const auto field = field_of(kDurations, key)) {
        const Result<Duration> duration = to_duration(value);
        if (!duration) return duration.error();
        scenario.*field = *duration;
        return ok();
    }
    if (const auto field = field_of(kFlags, key)) {
        if (value.if_bool() == nullptr) return invalid("must be true or false");
        scenario.*field = *value.if_bool();
        return ok();
    }
    if (key == "name" && value.if_string()) {
        scenario.name = *value.if_string();
        return ok();
    }
    return read_number(scenario, key, value);
}

}  // namespace

Result<Scenario> parse_scenario(const std::string& text) {
    const Result<Json> parsed = parse_yaml(text);
    if (!parsed) return parsed.error();
    const Json::Object* members = parsed->if_object();
    if (members == nullptr) return invalid("must be one mapping of keys");
    Scenario scenario = calm_scenario();
    for (const auto& [key, value] : *members) {
        if (const Status read = read_key(scenario, key, value); !read) {
            return Error(read.error()).with_context("'" + key + "'");
        }
    }
    return scenario;
}

Status set_scenario_key(Scenario& scenario, const std::string& assignment) {
    const std::size_t equals = assignment.find('=');
    if (equals == std::string::npos) {
        return invalid("switch '" + assignment + "' must be NAME=VALUE");
    }
    const std::string key = assignment.substr(0, equals);
    const Result<Json> value = parse_yaml(assignment.substr(equals + 1));
    const Status read = value ? read_key(scenario, key, *value) : Status(value.error());
    if (!read) return Error(read.error()).with_context("switch '" + key + "'");
    return ok();
}

}  // namespace herder::vastsim
