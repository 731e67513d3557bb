#pragma once
// The newest bytes of every log on this disk, with the list of what is in the artifact store beside
// them. Offsets are dense: what was acknowledged is never lost, what comes twice is stored once.
// Reads and writes files and nothing else. Thread-safe; the engine's thread reads here too, so
// nothing waits for the disk to be in sync under the lock.
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
        bool is_forgetting = false;
        {
            const std::lock_guard lock(mutex_);
            LogIndex index = load(base).value_or(LogIndex{});
            const std::int64_t local_begin = index.local_begin;
            change(index, size_of(base));
            is_forgetting = index.local_begin != local_begin || index.deletion;
            if (Status saved = save(base, index); !saved) return saved;
        }
        return is_forgetting ? make_durable(base) : ok();
    }
    // Forgets what lies before the index's local_begin, all of it where `whole` and nothing newer
    // has come.
    void drop(const std::string& base, bool whole);
    // Forgets what is here of a log whose index says that it was deleted.
    void erase(const std::string& base);
    // Forgets the index, too, of a log of which nothing is here: whoever reads it then asks the
    // store.
    void forget(const std::string& base);
    // Where the store has the pieces of a log whose index is damaged or gone, as what is left of
    // it or the indexes beside it tell; nothing where they do not.
    std::optional<std::string> find_prefix(const std::string& base) const;

    struct File {
        std::string base;
        std::int64_t modified = 0;
        std::int64_t bytes = 0;   // on this disk, with what is kept about it
        bool is_waiting = false;  // not all of it is in the store, or nobody knows
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
    Status save(const std::string& base, const LogIndex& index);
    // Also over a power loss, before bytes here are forgotten for it. Any other index may be lost:
    // what it says of the store is found there again. Without the lock.
    Status make_durable(const std::string& base) const;
    std::int64_t size_of(const std::string& base) const;
    File look_at(const std::string& base) const;
    Status begin(const LogName& name);
    Status note_loss(const std::string& base);
    Status write(const std::string& base, std::int64_t at, std::string_view data);

    const Options options_;
    mutable std::mutex mutex_;
    std::int64_t used_ = 0;  // guarded by mutex_
};

}  // namespace herder::api
