#pragma once
// The newest bytes of every log on this disk, with the list of what is in the artifact store beside
// them. Offsets are dense: what was acknowledged is never lost, what comes twice is stored once.
// Reads and writes files and nothing else. Thread-safe.
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "api/log_marks.h"
#include "api/log_segments.h"
#include "base/result.h"
#include "core/jobs/attempt.h"

namespace herder::api {

// One stream of one attempt. People say out, err and system; agents say stdout, stderr and agent.
struct LogName {
    AttemptKey attempt;
    std::string stream;
    std::string team = "default";
};

// The streams that exist: out (or stdout), err (stderr), system (agent), metrics.
bool is_stream(const std::string& name);

struct LogChunk {
    std::int64_t offset = 0;
    std::string data{};
    std::vector<LogMark> marks{};  // when what of it was written
};

class LogFiles {
  public:
    struct Options {
        std::string folder;
        std::int64_t stream_limit = 1 << 30;  // of one stream; beyond it a mark is written once
        std::int64_t disk_limit = std::int64_t{4} << 30;  // of all files; beyond it none is taken
    };
    // Creates the folder.
    explicit LogFiles(Options options);

    // What a stream's files are called, "j1/2.out". kInvalid for a name that is no stream.
    static Result<std::string> base_of(const LogName& name);

    // Appends what is new; returns the offset up to which the stream is here. kInvalid for a gap.
    Result<std::int64_t> append(const LogName& name, const LogChunk& chunk);
    std::int64_t size(const std::string& base) const;
    // At most `limit` bytes from `offset`; nothing where they are not here. Empty at the end.
    std::optional<std::string> read(const std::string& base, std::int64_t offset,
                                    std::size_t limit) const;
    // Nothing where this server has never had that log.
    std::optional<LogIndex> index(const std::string& base) const;
    std::vector<LogMark> marks(const std::string& base) const;

    // Changes the index under the lock, as one: `change` sees the newest, and the stream's size.
    template <typename Change>
    Status change_index(const std::string& base, Change change) {
        const std::lock_guard lock(mutex_);
        LogIndex index = load(base).value_or(LogIndex{});
        const std::int64_t local_begin = index.local_begin;
        change(index, size_of(base));
        return save(base, index, index.local_begin != local_begin);
    }
    // Forgets what lies before the index's local_begin, all of it where `whole` and nothing newer
    // has come.
    void drop(const std::string& base, bool whole);

    struct File {
        std::string base;
        std::int64_t modified = 0;
        std::int64_t bytes = 0;   // on this disk
        bool is_waiting = false;  // not all of it is in the store
    };
    // All of them, oldest first; counts anew what they take up.
    std::vector<File> list();
    std::int64_t used() const;
    const Options& options() const { return options_; }

  private:
    std::string path_of(const std::string& base, const char* suffix) const {
        return options_.folder + "/" + base + suffix;
    }
    std::optional<LogIndex> load(const std::string& base) const;
    // `is_durable`: also over a power loss, since bytes here are forgotten for it. Any other index
    // may be lost: what it says of the store is found there again.
    Status save(const std::string& base, const LogIndex& index, bool is_durable);
    std::int64_t size_of(const std::string& base) const;
    Status begin(const LogName& name);
    Status note_loss(const std::string& base, std::int64_t there);
    Status write(const std::string& base, std::int64_t at, std::string_view data);

    const Options options_;
    mutable std::mutex mutex_;
    std::int64_t used_ = 0;  // guarded by mutex_
};

}  // namespace herder::api
