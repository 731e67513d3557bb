#include "worker/signed_batches.h"

#include <algorithm>
#include <atomic>

#include "base/bytes.h"
#include "worker/at_once.h"
#include "worker/persist.h"

namespace herder {
namespace {

constexpr int kTries = 8;
constexpr std::size_t kConnections = 8;
constexpr std::int64_t kWorthTelling = 50'000'000;

}  // namespace

Status SignedBatches::run(const std::vector<std::size_t>& wanted, const FetchOne& fetch) {
    for (std::size_t at = 0; at < wanted.size();) {
        // One request names a range; what is there already in between costs a URL only.
        std::size_t end = at;
        while (end < wanted.size() && wanted[end] < wanted[at] + parts_.urls_at_once)
            ++end;
        const Status fetched = run_batch({wanted.begin() + static_cast<std::ptrdiff_t>(at),
                                          wanted.begin() + static_cast<std::ptrdiff_t>(end)},
                                         fetch);
        if (!fetched) return fetched;
        at = end;
    }
    return ok();
}

Result<std::vector<std::string>> SignedBatches::ask_urls(std::size_t first, std::size_t count) {
    protocol::SignResponse urls;
    const Status asked = persist(
        [&]() -> Status {
            auto answer = parts_.link.chunk_urls(
                {parts_.key, static_cast<std::int64_t>(first), static_cast<std::int64_t>(count)});
            if (!answer) return answer.error();
            urls = std::move(*answer);
            return ok();
        },
        {kTries, parts_.cancel.descriptor()});
    if (!asked) return asked.error();
    if (urls.urls.size() != count)
        return internal("the server gave another number of URLs than was asked for");
    return std::move(urls.urls);
}

Status SignedBatches::run_batch(const std::vector<std::size_t>& wanted, const FetchOne& fetch) {
    const std::size_t first = wanted.front();
    const auto urls = ask_urls(first, wanted.back() - first + 1);
    if (!urls) return urls.error();
    std::mutex mutex;
    Status failure = ok();  // guarded by mutex
    std::atomic<bool> has_failed{false};
    each_at_once(wanted.size(), kConnections, [&](std::size_t i) {
        if (has_failed) return;
        Status done = fetch(wanted[i], (*urls)[wanted[i] - first]);
        if (done) return;
        const std::lock_guard lock(mutex);
        if (!has_failed.exchange(true)) failure = std::move(done);
    });
    return failure;
}

void FetchProgress::add(std::int64_t size) {
    const std::lock_guard lock(mutex_);
    const std::int64_t before = done_;
    done_ += size;
    if (total_ < kWorthTelling || done_ * 10 / total_ == before * 10 / total_) return;
    say_(name_ + ": " + to_text(Bytes{done_}) + " of " + to_text(Bytes{total_}));
}

}  // namespace herder
