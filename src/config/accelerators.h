#pragma once
// GPUs as people write them: A100, A100:4, A100:80GB:1, 24GB+, H100_SXM:4, {A100: 1}; and the words
// for the market. The same for job files and profiles.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/fields.h"
#include "core/jobs/spec.h"

namespace herder::config {

struct Accelerator {
    std::string gpu_name;  // canonical; empty: any
    int count = 1;
    std::int64_t ram_mb_min = 0;  // per GPU
    bool operator==(const Accelerator&) const = default;
};

// The canonical spelling. A name that is not in our list passes, with a warning where it looks like
// a slip: cards newer than this program must be rentable.
std::string canonical_gpu(const Field& field, const std::string& name);

// One text form.
std::optional<Accelerator> read_accelerator(const Field& field, const std::string& text);

// Any accepted form; several for a mapping such as {A100: 1, H100: 1}, any of which will do.
std::vector<Accelerator> read_accelerators(const Field& field);

// spot, on-demand, auto; also the alias use_spot: true.
std::optional<Market> read_market(const Field& field);
const char* to_string(Market market);

}  // namespace herder::config
