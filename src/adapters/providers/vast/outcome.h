#pragma once
// What an answer of the market means: done, refused, or unknown. Pure; the table of the API
// reference, section 7.5, and architecture section 5.
#include <optional>

#include "adapters/http/client.h"
#include "adapters/providers/vast/reply_json.h"
#include "ports/provider.h"

namespace herder::vast {

// A create call. Anything that leaves a doubt is kUnknown; a contract id is passed on whenever the
// answer carries one. A 429 counts as not sent: the market executes nothing then (section 7.5), and
// the offer is as good as before.
CreateAnswer classify_create(const http::CallResult& result);

// A destroy: a machine that is not there is destroyed.
CallAnswer classify_destroy(const http::CallResult& result);
// A change of a bid, a label, a stop, a reboot: what may be repeated.
CallAnswer classify_change(const http::CallResult& result);
// A start. Refused because the GPUs are somebody else's: it stays queued and may fire hours later.
CallAnswer classify_start(const http::CallResult& result);

// Why a read failed; nothing if its body may be decoded.
std::optional<Error> find_read_error(const Reply& reply);

}  // namespace herder::vast
