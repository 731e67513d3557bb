#pragma once
// Whether a disk has room for what shall come into a host's cache of data, beside what the job was
// promised. What is being written counts once: as taken as far as it is there, and with the rest as
// still to come. Thread-safe.
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace herder {

class DiskRoom {
  public:
    // Of the disk, so many bytes; none where that is not known.
    using Free = std::function<std::optional<std::int64_t>()>;
    // `promised` to the job, and to be kept free for it.
    DiskRoom(Bytes promised, Free free) : promised_(promised), free_(std::move(free)) {}

    struct File {
        std::string path;
        std::int64_t before = 0;           // what was there already
        std::optional<std::int64_t> size;  // of what comes into the cache; none: it is for the job
    };
    // A file that is being written, until this is gone. What has come for the job then counts no
    // more, unless it was given.
    class Writing {
      public:
        // For the job.
        Writing(DiskRoom& room, const std::string& path);
        // Into the cache. What it takes is not on the disk before begin().
        Writing(DiskRoom& room, std::int64_t size);
        ~Writing();
        Writing(const Writing&) = delete;
        Writing& operator=(const Writing&) = delete;
        void begin(const std::string& path);
        void give(Bytes size);

      private:
        DiskRoom& room_;
        std::list<File>::iterator file_;
    };

    // So much of what was promised has been taken by the job.
    void note_given(Bytes size);
    // How much has to go before so much more may come; zero or less: nothing.
    std::int64_t lacking(std::int64_t incoming) const;
    // All that comes into the cache, with what is there of it.
    std::int64_t coming() const;

  private:
    const Bytes promised_;
    const Free free_;
    mutable std::mutex mutex_;
    std::int64_t given_ = 0;   // guarded by mutex_, like the next
    std::list<File> writing_;  // several at once
};

}  // namespace herder
