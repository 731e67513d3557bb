#pragma once
// The logs of attempts, kept after their machine is gone: the newest bytes on the server's disk,
// all of them as pieces in the artifact store, read as one. What cannot be read any more is an
// error that says so; nothing is skipped in silence.
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "api/held_logs.h"
#include "api/log_files.h"
#include "ports/object_store.h"

namespace herder::api {

class LogStore {
  public:
    struct Options {
        LogFiles::Options files;
        std::int64_t tail = 8 << 20;  // of one stream, on this disk once it is in the store
    };
    LogStore(Options options, ObjectStore& objects);

    // As LogFiles::append.
    Result<std::int64_t> append(const LogName& name, const LogChunk& chunk);
    // At most `limit` bytes from `offset`; empty at the end. Asks the artifact store for what is
    // not here: never to be called on the engine's thread. kCorrupt: these bytes are lost;
    // kNotFound: the log was deleted on purpose.
    Result<std::string> read(const LogName& name, std::int64_t offset, std::size_t limit);
    // The same without asking; nothing where that would be needed.
    std::optional<std::string> read_here(const LogName& name, std::int64_t offset,
                                         std::size_t limit) const;
    std::int64_t size(const LogName& name) const;
    // For a log of which an agent has sent more than is here: looks whether the artifact store has
    // what this disk lost, and takes its pieces up again. Waits for the store, as read() does.
    Status find_again(const LogName& name);
    // Looks into the store for a log that this server has never had.
    Result<LogIndex> index(const LogName& name);
    // When what was written; to a segment where nothing better is known.
    Result<std::vector<LogMark>> marks(const LogName& name);

    // ---- for log_archiver.h, by the names of files ----
    struct Waiting {
        std::string base;
        std::int64_t bytes = 0;  // that are not in the store
    };
    std::vector<Waiting> waiting() const;
    // Puts the next piece into the store. An unfinished one is sent again with the next call, and
    // replaced, unless `closes` says that nothing more is awaited.
    Status store_next(const std::string& base, bool closes);
    // Stores all of it and forgets it here.
    Status move_out(const std::string& base);
    // As LogFiles::forget.
    void forget(const std::string& base) { files_.forget(base); }
    Result<HeldLogs> held(const std::string& team, JobId job) {
        return find_held_logs(objects_, team, job);
    }
    std::optional<WallTime> store_now() const { return objects_.told_now(); }
    // Deletes what an attempt printed and measured, of which the store has `held`: it is said
    // first, in the store and here, then the pieces go, at most so many. True where nothing of it
    // was left; else to be called again with what is held then, since a listing may lag, also by
    // another server, with whatever deletion: the first one counts.
    Result<bool> delete_attempt(const LogName& of_attempt, const LogDeletion& deletion,
                                const HeldStreams& held, std::size_t& pieces_left);
    // Takes up what an earlier server left; how much of the disk the logs take is known then.
    std::vector<LogFiles::File> take_up();
    std::int64_t used() const { return files_.used(); }
    std::int64_t disk_limit() const { return options_.files.disk_limit; }

  private:
    using Text = std::shared_ptr<const std::string>;
    Result<Text> fetch(const LogIndex& index, const LogSegment& segment);
    Result<LogIndex> look_up(const std::string& prefix, const std::string& base);
    Result<std::optional<LogDeletionNote>> note_of(const std::string& prefix);
    Status mark_deleted(const std::string& base, const std::string& prefix,
                        const LogDeletion& deletion);
    LogDeletionNote note_for(const LogName& of_attempt, const LogDeletion& deletion,
                             const HeldStreams& held) const;
    Result<bool> is_said(const LogName& of_attempt, const LogDeletionNote& note,
                         const HeldStreams& held) const;
    Result<LogDeletionNote> note_deletion(const LogName& of_attempt, LogDeletionNote note);
    Status remove_pieces(const std::vector<std::string>& keys, std::size_t& pieces_left);
    Result<std::optional<LogIndex>> index_or_heal(const std::string& base);
    Status put_piece(const std::string& base, const LogIndex& before, LogSegment segment,
                     const std::string& text);
    std::int64_t unstored(const std::string& base) const;
    void settle(const std::string& base);

    const Options options_;
    LogFiles files_;
    ObjectStore& objects_;
    mutable std::mutex mutex_;
    std::map<std::string, std::int64_t> waiting_;  // guarded by mutex_, like all below
    std::map<std::string, std::string> prefixes_;  // of those that wait and have no good index
    std::string cached_key_;                       // of the last piece that was fetched
    Text cached_text_;
};

}  // namespace herder::api
