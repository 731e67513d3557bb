#pragma once
// The logs of attempts on the server's disk, kept after the machine is gone. Offsets are dense per
// (job, attempt, stream): what was acknowledged is never lost, what comes twice is stored once.
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/jobs/attempt.h"

namespace herder::api {

class LogStore {
  public:
    // Creates the folder. `stream_limit`: bytes of one stream; beyond it a mark is written once.
    LogStore(std::string folder, std::int64_t stream_limit);

    // Appends what is new of `data`, which begins at `offset`; returns the offset up to which the
    // stream is stored. kInvalid for a gap or a bad stream name.
    Result<std::int64_t> append(AttemptKey attempt, const std::string& stream, std::int64_t offset,
                                const std::string& data);
    // At most `limit` bytes from `offset`; empty at the end.
    Result<std::string> read(AttemptKey attempt, const std::string& stream, std::int64_t offset,
                             std::size_t limit) const;
    std::int64_t size(AttemptKey attempt, const std::string& stream) const;

  private:
    Result<std::string> path_of(AttemptKey attempt, const std::string& stream) const;

    const std::string folder_;
    const std::int64_t stream_limit_;
    std::mutex mutex_;  // one writer at a time
};

// The streams that exist: out (or stdout), err (stderr), system (agent), metrics.
bool is_stream(const std::string& name);

}  // namespace herder::api
