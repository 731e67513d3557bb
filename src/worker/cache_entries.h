#pragma once
// The files of a cache of data that the agents of one host share: contents, each under its SHA-256,
// and notes of which content a name had. A content is there whole or not at all, is verified
// whenever it is taken, and leaves only as a copy. What was used least recently goes when the
// cache is larger than it may be, or when the disk has less room than it should. Several processes
// at once; thread-safe. An error in here never is an error of whoever wants the data.
//
//   contents/ab/<sha256>    names/ab/<sha256 of the name>    partial/<what is being written>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/cancel.h"
#include "base/bytes.h"
#include "base/result.h"
#include "worker/disk_room.h"

namespace herder {

class CacheEntries {
  public:
    struct Limits {
        Bytes quota;            // of all of it
        Bytes keep_free;        // on the disk, for the job and what it is still given
        DiskRoom::Free free{};  // of the disk; empty: it is asked
    };
    CacheEntries(std::string folder, Limits limits);

    // Makes the folders, clears away what killed processes have left, and makes room. An error
    // where the folder cannot be used.
    Status prepare();

    enum class Taken { kHere, kMissing, kDamaged };
    // A copy at `path`, which is replaced. What is damaged is thrown away.
    Taken take(const std::string& sha256, const std::string& path, const http::CancelToken& cancel);
    std::optional<std::string> read(const std::string& sha256, std::size_t size);
    // Keeps a copy of the file; `sha256` may be empty. Returns its hash; none where it could not be
    // kept, or is not what it should be.
    std::optional<std::string> put(const std::string& path, const std::string& sha256,
                                   const http::CancelToken& cancel);
    void write(const std::string& sha256, std::string_view content);

    std::optional<std::string> content_of(const std::string& name) const;
    void note(const std::string& name, const std::string& sha256);

    // What the disk shall keep free for the job is less by what it is given.
    DiskRoom& disk() { return disk_; }

  private:
    struct Use {
        std::int64_t last_ns = 0;
        std::int64_t size = 0;
    };
    std::string content_path(const std::string& sha256) const;
    std::string name_path(const std::string& name) const;
    void sweep_partial() const;
    bool place(const std::string& partial, const std::string& path) const;
    // So much may come. It counts as taken until this is gone.
    class Room {
      public:
        Room(CacheEntries& entries, std::int64_t size);
        bool is_there() const { return coming_.has_value(); }
        void begin(const std::string& path) { coming_->begin(path); }

      private:
        std::optional<DiskRoom::Writing> coming_;
    };
    bool make_room(std::int64_t incoming);  // under mutex_
    std::int64_t lacking(std::int64_t used, std::int64_t incoming) const;
    std::vector<Use> measure() const;
    void evict(std::vector<Use> uses, std::int64_t wanted);

    const std::string folder_;
    const Limits limits_;
    DiskRoom disk_;  // by what this process writes
    std::mutex mutex_;
    std::int64_t used_ = 0;       // guarded by mutex_: as measured, and what was put since
    std::int64_t put_since_ = 0;  // guarded by mutex_: the others put things too
    bool is_measured_ = false;    // guarded by mutex_
};

}  // namespace herder
