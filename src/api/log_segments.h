#pragma once
// Which part of a log lies where: pieces in the artifact store, each an object of its own that is
// compressed and named by its place, its time and its hash, and the newest bytes on this disk. The
// text that is kept beside those, and the names. Pure; log_store.h reads and writes.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/log_deletion.h"
#include "base/result.h"
#include "base/time.h"
#include "ports/object_store.h"

namespace herder::api {

// The size at which a piece is closed.
constexpr std::int64_t kSegmentSize = 4 << 20;

struct LogSegment {
    std::int64_t begin = 0;  // of its bytes in the stream
    std::int64_t end = 0;
    WallTime began;         // when its first byte was written; 0: not known
    std::string sha256;     // of its bytes, hex, or the first 32 digits; empty: it is lost
    bool is_closed = true;  // else a longer one will take its place
    bool operator==(const LogSegment&) const = default;
};

struct LogIndex {
    std::string prefix;                     // of the objects' keys, ends with a slash
    std::int64_t local_begin = 0;           // what comes before is on this disk no more
    std::vector<LogSegment> stored;         // without gaps, oldest first
    std::optional<LogDeletion> deletion{};  // then nothing of it is to be had

    std::int64_t stored_end() const { return stored.empty() ? 0 : stored.back().end; }
    // Where the next piece begins: an open one is sent again, longer.
    std::int64_t next_begin() const;
    // The piece that holds the byte at `offset`, or nullptr.
    const LogSegment* find(std::int64_t offset) const;
    bool operator==(const LogIndex&) const = default;
};

std::string to_text(const LogIndex& index);
// kCorrupt for what this program did not write.
Result<LogIndex> parse_log_index(const std::string& text);

// "v1/.../out/000000000000-000004194304-20261128T195500Z-<32 hex digits>.log.gz"; plain tools
// list them in order and unpack them one after the other.
std::string key_of(const LogIndex& index, const LogSegment& segment);
// What a key tells; nothing for a key that is none of ours.
std::optional<LogSegment> parse_segment_key(const std::string& prefix, const std::string& key);
// The index of what was found in the store, for a server that lost its own. Where there is a gap
// stands a segment that is lost.
LogIndex index_of(const std::string& prefix, const std::vector<ObjectInfo>& found);

// Whether these are the bytes of that segment.
bool is_of(const LogSegment& segment, std::string_view text);

// How much of `text` becomes a closed piece: at most kSegmentSize, to the end of a line where there
// is one.
std::size_t closed_size(std::string_view text);

}  // namespace herder::api
