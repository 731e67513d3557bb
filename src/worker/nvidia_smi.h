#pragma once
// Asks the driver's own tool about the GPUs: a static program cannot load the driver's library.
#include <optional>
#include <string>
#include <vector>

namespace herder {

// Runs `nvidia-smi --query-gpu=FIELDS --format=csv,noheader,nounits`; at most a few seconds.
// Nothing when the program is not there; an empty or other text when it cannot reach the driver.
std::optional<std::string> query_nvidia_smi(const std::string& fields);

// The cells of the rows that have exactly `columns` of them (driver 450 and later).
std::vector<std::vector<std::string>> parse_smi_rows(const std::string& text, std::size_t columns);

}  // namespace herder
