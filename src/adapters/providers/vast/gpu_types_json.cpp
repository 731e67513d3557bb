#include "adapters/providers/vast/gpu_types_json.h"

#include <boost/json.hpp>

#include "adapters/providers/vast/fields_json.h"
#include "core/market/gpu_names.h"

namespace herder::vast {

Result<std::vector<std::string>> parse_gpu_types(std::string_view body) {
    std::vector<std::string> names;
    const Status read =
        read_rows(body, "gpu_types", "GPU types", [&names](const boost::json::object& row) {
            const std::string name = from_market_gpu_name(get_line(row, "canonical_name"));
            if (!name.empty()) names.push_back(name);
            return ok();
        });
    if (!read) return read.error();
    return names;
}

}  // namespace herder::vast
