#pragma once
// Templates: stored settings of a rental that people pick in the market's console.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace herder::vast {

struct Template {
    std::int64_t id = 0;
    std::string hash;  // changes with every edit
    std::string name;
    std::string image;
    bool operator==(const Template&) const = default;
};
Result<std::vector<Template>> parse_templates(std::string_view body);

struct TemplateDraft {
    std::string name;
    std::string image;
    std::string onstart;
    std::vector<std::pair<std::string, std::string>> env;
};
// Here env is a string of docker flags, unlike at create. Values with a quote or a line break are
// refused: what the market makes of them is not documented.
Result<std::string> encode_template(const TemplateDraft& draft);
std::string encode_template_id(std::int64_t id);

}  // namespace herder::vast
