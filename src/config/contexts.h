#pragma once
// A context file: which account, which server and which guard rails a name such as "prod" stands
// for. One file a context, one server process a context (docs/adr/0017-contexts.md). Reads and
// checks; what follows from it is the command line's and the server's business.
#include <optional>
#include <string>

#include "base/money.h"
#include "base/result.h"
#include "base/time.h"
#include "config/diagnostics.h"

namespace herder::config {

// When a command that spends or destroys asks.
enum class ConfirmRule {
    kAsUsual,  // unless -y is given
    kAlways,   // -y counts only where the command itself names the context
};

struct ContextSpec {
    std::string key_variable;  // at most one of the two; neither: where the Vast CLI looks
    std::string key_file;
    std::string vast_url;
    std::string server_url;  // of a server elsewhere
    std::string data_dir;    // empty: a folder of its own
    std::string listen;
    std::string agent_listen;
    std::string agent_url;
    std::string budgets_file;
    std::string profiles_file;
    std::string storage;  // a name or s3://...; empty: as before, at first a folder
    std::string storage_endpoint;
    std::string logs_keep;  // for how long after a job's end; empty: for ever
    std::string artifact_prefix;
    std::string label_prefix;  // four characters: the cluster in the labels of its machines
    ConfirmRule confirm = ConfirmRule::kAsUsual;
    UsdPerHour hourly_max{};  // 0: none
    bool operator==(const ContextSpec&) const = default;
};

// The text with whatever was written in place of the key's source blanked, for messages that show
// lines: it may be the key itself.
std::string without_key(const std::string& text);

// How long logs are kept; nothing: for ever.
Result<std::optional<Duration>> parse_logs_keep(const std::string& text);

// Reports into `out`, which was made of the same file without_key(). Relative paths stay as they
// are written.
ContextSpec parse_context(const std::string& text, Diagnostics& out);

// The text of a new file.
std::string write_context(const ContextSpec& context);

}  // namespace herder::config
