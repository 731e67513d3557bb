#pragma once
// Tries a call to the server or a store again while its error may pass, with growing jittered
// waits.
#include <functional>

#include "base/result.h"
#include "base/time.h"

namespace herder {

struct Persistence {
    int tries = 1;
    int stop_descriptor = -1;  // readable: give up
    // How long the last call was asked to wait; it is waited for at least so long.
    const Duration* asked_wait = nullptr;
};
Status persist(const std::function<Status()>& call, const Persistence& how);

// Whether another try of the same may do better. A full disk stays full.
bool may_pass(ErrorCode code);

}  // namespace herder
