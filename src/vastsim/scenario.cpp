#include "vastsim/scenario.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/assert.h"

namespace herder::vastsim {

Scenario calm_scenario() {
    return Scenario{};
}

Scenario hostile_scenario() {
    Result<Scenario> hostile = parse_scenario(std::string(shipped_scenario_text("hostile")));
    HERDER_ASSERT(hostile);
    return *hostile;
}

Result<Scenario> load_scenario(const std::string& name_or_file) {
    const std::string_view shipped = shipped_scenario_text(name_or_file);
    if (!shipped.empty()) {
        return parse_scenario(std::string(shipped)).with_context("scenario '" + name_or_file + "'");
    }
    std::ifstream file(name_or_file);
    if (!file) {
        std::string known;
        for (const std::string_view name : shipped_scenario_names())
            known += (known.empty() ? "" : ", ") + std::string(name);
        return not_found("cannot read scenario '" + name_or_file +
                         "': no such file; known by name are " + known);
    }
    std::ostringstream text;
    text << file.rdbuf();
    return parse_scenario(text.str()).with_context("scenario file '" + name_or_file + "'");
}

}  // namespace herder::vastsim
