#pragma once
// What a job has written, kept on disk until the server has it. Each stream has dense byte offsets
// from 0 and lies in a file whose name says where it begins; what was acknowledged may be
// forgotten, nothing else is. Where the server lost what was forgotten here, a line in the stream
// says how much. Thread-safe.
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "worker/redactor.h"

namespace herder {

class LogSpool {
  public:
    static constexpr std::uint64_t kLimit = 256ULL << 20;

    enum class Before { kForget, kGoOn };  // with what an earlier process has spooled

    // Streams that hold more than `limit` unsent bytes drop what comes and say so in the stream.
    // `now`: to know when what was written; a chunk tells no times without.
    explicit LogSpool(std::string folder, std::uint64_t limit = kLimit,
                      std::function<Instant()> now = {}, Before before = Before::kForget);

    void append(const std::string& stream, std::string_view text);
    // From now on these are replaced in whatever is appended (needles_of).
    void hide(std::vector<std::string> needles);
    // Writes what is held back because it may be the beginning of a secret. Call when nothing more
    // comes from the process that wrote it.
    void release_held();

    // What lies at `offset` and behind it was written at `at` or a second later at most.
    struct Written {
        std::uint64_t offset = 0;
        Instant at;
    };
    struct Chunk {
        std::string stream;
        std::uint64_t offset = 0;
        std::string text;
        std::vector<Written> written{};  // the first one lies at or before `offset`
    };
    // The next unsent piece of every stream that has one.
    std::vector<Chunk> next_chunks(std::size_t size);
    // The server has everything below `next`. False for an offset that tells nothing new.
    bool acknowledge(const std::string& stream, std::uint64_t next);
    // The server had more and has lost it: what it has now ends at `next`, below what was
    // acknowledged. What is still here is sent again. In the place of what is not, a line says how
    // many bytes are missing, and what follows moves up behind it, so that offsets stay dense.
    void go_back(const std::string& stream, std::uint64_t next);
    bool is_empty() const;
    // Unsent bytes of the stream that has most of them.
    std::uint64_t fullest() const;

  private:
    struct Stream {
        std::uint64_t base = 0;   // offset of the file's first byte
        std::uint64_t acked = 0;  // base - notice.size() <= acked <= end
        std::uint64_t end = 0;
        std::string notice;         // the bytes before `base`: what is missing there
        std::uint64_t missing = 0;  // as the notice says
        bool dropping = false;
        Redactor redactor;
        std::deque<Written> written;  // a second or more apart; from `acked` on
    };
    std::string path_of(const std::string& stream, std::uint64_t base) const {
        return folder_ + "/" + stream + "." + std::to_string(base) + ".log";
    }
    void load();
    // All of the stream is acknowledged: its file begins anew here.
    void forget(const std::string& stream, Stream& state);
    void take(const std::string& stream, Stream& state, std::string_view text);
    void write(const std::string& stream, Stream& state, std::string_view text);
    static void add_times(const Stream& state, Chunk& chunk);
    std::string read(const std::string& stream, const Stream& state, std::size_t size) const;

    const std::string folder_;
    const std::uint64_t limit_;
    const std::function<Instant()> now_;
    mutable std::mutex mutex_;
    std::map<std::string, Stream> streams_;  // guarded by mutex_
    std::vector<std::string> needles_;       // guarded by mutex_
};

}  // namespace herder
