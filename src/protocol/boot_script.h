#pragma once
// The onstart text that turns a freshly rented machine into a worker: it fetches the agent from the
// orchestrator with whatever the image has, verifies its hash and starts it. Contains no secret.
#include <string>

#include "base/result.h"

namespace herder::protocol {

// Vast.ai documents a limit of 4,048 characters (read November 2026); we stay below this.
constexpr std::size_t kBootScriptMax = 4000;

struct BootScriptOptions {
    std::string agent_url;     // https://host:port/agent/v1/files/<sha256>; several by blanks
    std::string agent_sha256;  // 64 hex digits
    std::string folder = "${HERDER_HOME:-$HOME/.herder}";  // where the agent lives on the machine
};

// Certificates are not checked while fetching, and what has no TLS fetches in the clear: no tool of
// an unknown image could check the pin of a self-signed certificate. That is safe because what was
// fetched is run only if its SHA-256 is the one in this text, which came over the provider's
// authenticated API; nothing is sent in the request. The join that follows checks the pin
// (HERDER_PIN). Run as `sh -c TEXT herder fg` the agent takes the script's place.
Result<std::string> make_onstart(const BootScriptOptions& options);

}  // namespace herder::protocol
