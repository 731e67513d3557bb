#pragma once
// How a client of the provider reads an answer: the place where the real client's judgement can be
// put into the simulated world. This folder may not reach the adapters; a program may reach both.
#include <functional>
#include <string>

#include "core/step/input.h"
#include "sim/provider_api.h"

namespace herder::sim {

// Of an answer that came: its status and its body as they are on the wire. An empty function means
// the simulator's own reading of the same rules.
struct ClientReading {
    std::function<input::CreateEnded(int status, const std::string& body)> create;
    std::function<input::CallOutcome(int status, const std::string& body)> destroy;
};

// The body that belongs to the reply, in one of the shapes that were seen; `shape` chooses.
std::string to_body(const ApiReply& reply, std::uint64_t shape);

// The table of the API reference, section 7.5, read a second time.
input::CreateEnded read_create(const ApiReply& reply);
input::CallOutcome read_destroy(const ApiReply& reply);

}  // namespace herder::sim
