#pragma once
// That the log of an attempt was deleted on purpose: when, and by which rule. The note that says so
// lies beside where the log was, so that the artifact store alone tells it from one that is lost.
// Pure; log_store.h deletes, log_retention.h decides.
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace herder::api {

struct LogDeletion {
    WallTime at;
    std::string rule;      // one word: how long logs are kept, as "30d"
    bool is_done = false;  // nothing of it is left; else what is there goes as well
    bool operator==(const LogDeletion&) const = default;
};

// "this log was deleted on 2026-11-01T00:00:00Z by the rule logs_keep: 30d".
std::string describe(const LogDeletion& deletion);

// Of one attempt; plain text, for whoever looks into the store with other tools.
struct LogDeletionNote {
    LogDeletion deletion;           // never done
    std::set<std::string> streams;  // that had anything: out, err, system, metrics
    bool operator==(const LogDeletionNote&) const = default;
};
constexpr std::size_t kDeletionNoteMax = 4096;
std::string to_text(const LogDeletionNote& note);
// kCorrupt for what this program did not write.
Result<LogDeletionNote> parse_deletion_note(const std::string& text);
// "v1/.../attempts/1/logs/deleted.txt", of the prefix of any stream's segments.
std::string deletion_note_key(std::string_view stream_prefix);

}  // namespace herder::api
