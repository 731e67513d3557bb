#include "vastsim/scenario.h"

#include <fstream>
#include <sstream>

namespace herder::vastsim {

Scenario calm_scenario() {
    return Scenario{};
}

Scenario hostile_scenario() {
    Scenario s;
    s.name = "hostile";
    s.visible = {seconds(0), seconds(20)};
    s.provisioning = {seconds(1), seconds(10)};
    s.image_pull = {seconds(20), minutes(8)};
    s.cached_start = {seconds(5), seconds(40)};
    s.stop = {seconds(5), seconds(30)};
    s.heartbeat = {seconds(5), seconds(30)};
    s.tenant_interval = minutes(40);
    s.price_step = minutes(10);
    s.search_row_cap = 64;
    s.start_refusal_per_million = 100'000;
    for (const char* name : {"create_reply_lost",    "create_502_executed",
                             "create_truncated",     "create_500",
                             "create_gone_400",      "create_gone_404",
                             "create_gone_410",      "create_stopped_contract",
                             "create_phantom",       "boot_never",
                             "boot_pull_failed",     "list_lag",
                             "list_missing_row",     "list_failed_page",
                             "list_stale",           "show_404",
                             "rate_limited",         "destroy_lingers",
                             "destroy_502_executed", "ghost"}) {
        s.faults[name] = {.per_million = 40'000, .next_calls = 0, .amount = 0};
    }
    return s;
}

Result<Scenario> load_scenario(const std::string& name_or_file) {
    if (name_or_file == "calm") return calm_scenario();
    if (name_or_file == "hostile") return hostile_scenario();
    std::ifstream file(name_or_file);
    if (!file) {
        return not_found("cannot read scenario '" + name_or_file +
                         "': no such file; built in are calm and hostile");
    }
    std::ostringstream text;
    text << file.rdbuf();
    return parse_scenario(text.str()).with_context("scenario file '" + name_or_file + "'");
}

}  // namespace herder::vastsim
