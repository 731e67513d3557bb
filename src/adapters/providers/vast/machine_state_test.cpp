#include "adapters/providers/vast/machine_state.h"

#include <gtest/gtest.h>

namespace herder::vast {
namespace {

struct Row {
    const char* name;
    StatusWords words;
    MachineState state;
};

// API reference, sections 4.2 to 4.8 and quirks Q30 to Q36.
const Row kRows[] = {
    {"provisioning", {"", "running", "running", "running", ""}, MachineState::kStarting},
    {"fresh, contract reads stopped",
     {"loading", "running", "stopped", "running", ""},
     MachineState::kStarting},
    {"pulling",
     {"loading", "running", "running", "running", "0123456789ab: Pulling fs layer\n"},
     MachineState::kStarting},
    {"running",
     {"running", "running", "running", "running", "success, running debian_12/ssh\n"},
     MachineState::kRunning},
    {"running with an old error text",
     {"running", "running", "running", "running", "unauthorized"},
     MachineState::kRunning},
    {"frozen still bills", {"frozen", "running", "running", "running", ""}, MachineState::kRunning},
    {"outbid A", {"exited", "stopped", "stopped", "stopped", ""}, MachineState::kStopped},
    {"outbid A before it ran",
     {"loading", "stopped", "stopped", "stopped", ""},
     MachineState::kStopped},
    {"outbid A, container word lags",
     {"running", "stopped", "stopped", "stopped", ""},
     MachineState::kStopped},
    {"outbid B", {"stopped", "running", "stopped", "stopped", ""}, MachineState::kStopped},
    {"outbid B, exited", {"exited", "running", "stopped", "stopped", ""}, MachineState::kStopped},
    {"own process ended", {"exited", "running", "running", "running", ""}, MachineState::kStopped},
    {"abandoned start", {"created", "stopped", "stopped", "stopped", ""}, MachineState::kStopped},
    {"waits for its GPUs",
     {"scheduling", "running", "stopped", "running", ""},
     MachineState::kQueued},
    {"waits for its GPUs, container still reads exited",
     {"exited", "running", "scheduling", "running", ""},
     MachineState::kQueued},
    {"has its GPUs and loads",
     {"loading", "running", "scheduling", "running", ""},
     MachineState::kStarting},
    {"queued, then given up",
     {"scheduling", "stopped", "stopped", "stopped", ""},
     MachineState::kStopped},
    {"no heartbeat", {"unknown", "running", "running", "running", ""}, MachineState::kOffline},
    {"offline", {"offline", "running", "running", "running", ""}, MachineState::kOffline},
    {"reboots", {"rebooting", "running", "running", "running", ""}, MachineState::kStarting},
    {"failed container start",
     {"created", "stopped", "stopped", "stopped",
      "Error response from daemon: failed to create task for container: failed to create shim "
      "task: OCI runtime create failed: could not apply required modification to OCI "
      "specification: error modifying OCI spec: failed to inject CDI devices: unresolvable CDI "
      "devices"},
     MachineState::kFailed},
    {"failed pull",
     {"loading", "running", "running", "running", "Manifest Unknown: no such tag"},
     MachineState::kFailed},
    {"failed start by container name",
     {"created", "running", "running", "running", "Failed to start containers: C.50381086"},
     MachineState::kFailed},
    {"a word of third-party lists",
     {"error", "running", "running", "running", ""},
     MachineState::kFailed},
    {"a word nobody knows",
     {"hibernating", "running", "running", "running", ""},
     MachineState::kUnknown},
    {"upper case", {"RUNNING", "Running", "running", "running", ""}, MachineState::kRunning},
};

TEST(MachineStateOf, WholeTable) {
    for (const Row& row : kRows)
        EXPECT_STREQ(to_string(state_of(row.words)), to_string(row.state)) << row.name;
}

TEST(MachineStateOf, DescribesInOneLine) {
    EXPECT_EQ(describe({"exited", "stopped", "stopped", "stopped", "bye\n"}),
              "actual exited, intended stopped, contract stopped: bye");
    EXPECT_EQ(describe({"", "running", "", "", ""}),
              "actual none, intended running, contract none");
    EXPECT_LT(describe({"", "", "", "", std::string(9'999, 'x')}).size(), 500U);
}

TEST(MachineStateOf, KeepsTheCauseAtTheEndOfALongMessage) {
    // A failed start takes 290 characters, and says why in the last of them.
    const std::string message = std::string(250, 'x') + "unresolvable CDI devices";
    EXPECT_NE(describe({"", "", "", "", message}).find("CDI devices"), std::string::npos);
}

}  // namespace
}  // namespace herder::vast
