#include "worker/tree_fetch.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/gzip_text.h"
#include "worker/persist.h"
#include "worker/tree_files.h"

namespace herder {
namespace {

constexpr int kTries = 8;
constexpr std::size_t kConnections = 8;
constexpr std::size_t kUrlsAtOnce = 256;
// Packed pieces that do not shrink are a little longer than their content.
constexpr std::size_t kPackedMax = protocol::kChunkSizeMax + (64 << 10);
constexpr std::int64_t kDiskReserve = 64 << 20;
constexpr std::int64_t kWorthTelling = 50'000'000;

std::string size_text(std::int64_t size) {
    return to_text(Bytes{size});
}

// The pieces of one tree, fetched by a few threads that live as long as fetch_all().
class PieceWork {
  public:
    struct Parts {
        ServerLink& link;
        const http::CancelToken& cancel;
        const TreeFetch::Say& say;
        const protocol::Tree& tree;
        const TreeFiles& files;
        const TreeSource& source;
    };
    explicit PieceWork(const Parts& parts) : parts_(parts) {}

    Status fetch_all(const std::vector<std::size_t>& wanted) {
        for (const std::size_t i : wanted)
            total_ += parts_.tree.chunks[i].size;
        for (std::size_t at = 0; at < wanted.size();) {
            // One request names a range; what is there already in between costs a URL only.
            std::size_t end = at;
            while (end < wanted.size() && wanted[end] < wanted[at] + kUrlsAtOnce)
                ++end;
            const Status fetched = fetch_range({wanted.begin() + static_cast<std::ptrdiff_t>(at),
                                                wanted.begin() + static_cast<std::ptrdiff_t>(end)});
            if (!fetched) return fetched;
            at = end;
        }
        return ok();
    }

  private:
    Persistence patience() const { return {kTries, parts_.cancel.descriptor()}; }

    Status fetch_range(const std::vector<std::size_t>& wanted) {
        protocol::SignResponse urls;
        const std::size_t first = wanted.front();
        const auto count = static_cast<std::int64_t>(wanted.back() - first + 1);
        const Status asked = persist(
            [&]() -> Status {
                auto answer = parts_.link.chunk_urls(
                    {parts_.source.key, static_cast<std::int64_t>(first), count});
                if (!answer) return answer.error();
                urls = std::move(*answer);
                return ok();
            },
            patience());
        if (!asked) return asked;
        if (urls.urls.size() != static_cast<std::size_t>(count))
            return internal("the server gave another number of URLs than was asked for");
        std::atomic<std::size_t> next{0};
        const auto work = [&] {
            for (std::size_t i = next++; i < wanted.size() && !has_failed(); i = next++)
                fetch_piece(wanted[i], urls.urls[wanted[i] - first]);
        };
        std::vector<std::thread> threads;
        for (std::size_t i = 1; i < std::min(kConnections, wanted.size()); ++i)
            threads.emplace_back(work);
        work();
        for (std::thread& thread : threads)
            thread.join();
        const std::lock_guard lock(mutex_);
        return failure_;
    }

    void fetch_piece(std::size_t index, const std::string& url) {
        const protocol::TreeChunk& chunk = parts_.tree.chunks[index];
        Status done = persist(
            [&]() -> Status {
                const auto packed = parts_.link.fetch(url, kPackedMax, &parts_.cancel);
                if (!packed) return packed.error();
                const auto content = gunzip_text(*packed, static_cast<std::size_t>(chunk.size));
                // Damage on the way is repaired by another try.
                if (!content || sha256_hex(*content) != chunk.sha256)
                    return unavailable("a piece does not verify");
                return parts_.files.write(index, *content);
            },
            patience());
        const std::lock_guard lock(mutex_);
        if (!done && failure_) failure_ = std::move(done);
        if (done) tell(chunk.size);
    }

    // Under mutex_. Every tenth of what is worth telling.
    void tell(std::int64_t size) {
        const std::int64_t before = done_;
        done_ += size;
        if (total_ < kWorthTelling || done_ * 10 / total_ == before * 10 / total_) return;
        parts_.say(parts_.source.name + ": " + size_text(done_) + " of " + size_text(total_));
    }
    bool has_failed() const {
        const std::lock_guard lock(mutex_);
        return !failure_.has_value();
    }

    const Parts& parts_;
    std::int64_t total_ = 0;
    mutable std::mutex mutex_;
    Status failure_ = ok();  // guarded by mutex_, as is done_
    std::int64_t done_ = 0;
};

}  // namespace

Status check_disk(const std::string& folder, std::int64_t needed, const std::string& what) {
    std::error_code failed;
    std::filesystem::path place = folder;
    while (!std::filesystem::exists(place, failed) && place.has_relative_path())
        place = place.parent_path();
    struct statvfs disk{};
    if (::statvfs(place.c_str(), &disk) != 0) return ok();  // the writing will tell
    const auto free = static_cast<std::int64_t>(disk.f_bavail * disk.f_frsize);
    if (needed + kDiskReserve <= free) return ok();
    return Error{ErrorCode::kNoCapacity, what + " needs " + size_text(needed) + " on " + folder +
                                             ", where " + size_text(free) +
                                             " are free; ask for more with resources: {disk: ...}"};
}

Result<protocol::Tree> TreeFetch::fetch_tree(const TreeSource& source) {
    std::string packed;
    const Status fetched = persist(
        [&]() -> Status {
            auto answer = link_.fetch(source.url, protocol::kTreeSizeMax, &cancel_);
            if (!answer) return answer.error();
            packed = std::move(*answer);
            return ok();
        },
        {kTries, cancel_.descriptor()});
    if (!fetched) return fetched.error();
    const Result<std::string> text = gunzip_text(packed, protocol::kTreeSizeMax);
    if (!text) return text.error();
    if (sha256_hex(*text) != protocol::tree_of_key(source.key))
        return Error{ErrorCode::kCorrupt, "the list of its files does not verify"};
    return protocol::parse_tree(*text);
}

Status TreeFetch::run(const TreeSource& source, const std::string& folder) {
    const Result<protocol::Tree> tree = fetch_tree(source);
    if (!tree) return tree.error().with_context(source.name);
    TreeFiles files(*tree, folder);
    if (const Status fits = check_disk(folder, files.missing_bytes(), source.name); !fits)
        return fits;
    if (const Status made = files.create(); !made) return made.error().with_context(source.name);
    std::vector<std::size_t> wanted;
    std::int64_t size = 0;
    for (std::size_t i = 0; i < tree->chunks.size(); ++i) {
        if (files.has(i)) continue;
        wanted.push_back(i);
        size += tree->chunks[i].size;
    }
    const PieceWork::Parts parts{link_, cancel_, say_, *tree, files, source};
    const Status fetched = PieceWork(parts).fetch_all(wanted);
    if (!fetched) return fetched.error().with_context(source.name);
    if (const Status done = files.finish(); !done) return done.error().with_context(source.name);
    const std::int64_t kept = tree->size().count - size;
    say_(source.name + ": fetched " + size_text(size) +
         (kept > 0 ? ", " + size_text(kept) + " were here already" : ""));
    return ok();
}

}  // namespace herder
