#pragma once
// The market's machine records: one page of the list, and one machine by itself.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "core/provisioner/intent.h"

namespace herder::vast {

struct PortMapping {
    int inside = 0;
    std::string protocol = "tcp";
    int outside = 0;
    bool operator==(const PortMapping&) const = default;
};

// What people want to see of a machine beside what every provider tells. Anything may be missing.
struct InstanceRecord {
    ListedMachine machine;
    std::int64_t physical_machine = 0;
    std::int64_t host = 0;
    std::string gpu_name;  // canonical
    int gpu_count = 0;
    std::int64_t gpu_ram_mb = 0;  // per GPU
    Bytes disk;                   // allocated; may be less than was asked for
    std::string image;
    std::string run_type;
    UsdPerHour bid_floor{};           // what wins now; 0: not said
    std::optional<WallTime> started;  // start of the rental, not of the run
    std::optional<WallTime> ends;
    std::string public_address;
    std::string ssh_host;
    int ssh_port = 0;
    std::vector<PortMapping> ports;  // only while it runs; may change at every start
    std::string location;            // two letters where known
    std::string driver;
    bool operator==(const InstanceRecord&) const = default;
};

struct MachinePage {
    std::vector<InstanceRecord> machines;
    std::optional<std::int64_t> found;  // rows that the market says are on this page
    std::optional<std::int64_t> total;  // of the whole list
    std::string next_token;             // empty: the last page
};

// A row without an id makes the whole page an error: nobody could tell what it hides.
Result<MachinePage> parse_machine_page(std::string_view body);

// The answer to a question for one machine; nothing if the market does not know it.
Result<std::optional<InstanceRecord>> parse_machine(std::string_view body);

}  // namespace herder::vast
