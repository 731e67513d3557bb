#pragma once
// What the market's four status words and its free text mean for a machine. There is no field that
// says "outbid": it is read from the combination. Pure.
#include <string>

#include "core/provisioner/intent.h"

namespace herder::vast {

// As they come: any word is possible, empty where null.
struct StatusWords {
    std::string actual;    // of the container, from the host
    std::string intended;  // what the platform tries to reach
    std::string current;   // cur_state: of the contract
    std::string next;      // next_state
    std::string message;   // status_msg, free text
    bool operator==(const StatusWords&) const = default;
};

MachineState state_of(const StatusWords& words);

// "actual exited, intended stopped, contract stopped: <message>", for people.
std::string describe(const StatusWords& words);

}  // namespace herder::vast
