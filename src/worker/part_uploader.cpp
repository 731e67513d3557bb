#include "worker/part_uploader.h"

#include <algorithm>
#include <thread>

#include "base/random.h"

namespace herder {

namespace {

constexpr int kWidthMax = 16;
constexpr int kTries = 6;
constexpr Duration kDelayMin = milliseconds(200);
constexpr Duration kDelayMax = seconds(20);
// Answers with URLs that are too old, one after the other, until something else must be wrong.
constexpr int kForbiddenMax = 2;

}  // namespace

struct PartUploader::Batch {
    std::vector<protocol::PartUrl> parts;
    std::mutex mutex;             // guards all below
    std::size_t next = 0;         // the first that nobody has taken
    bool is_pushed_back = false;  // the store wants less at once
    bool is_forbidden = false;
    Status outcome = ok();
};

Status PartUploader::run() {
    int forbidden_in_a_row = 0;
    for (int from = 1; from != 0;) {
        Result<protocol::PartsResponse> answer = hooks_.ask(from);
        for (int i = 1; !answer && i < kTries && is_retryable(answer.error().code); ++i) {
            if (!hooks_.wait(std::min(kDelayMin * (1 << i), kDelayMax))) break;
            answer = hooks_.ask(from);
        }
        if (!answer) return answer.error();
        bool forbidden = false;
        const int next = answer->next;
        const Status sent = send(std::move(answer->parts), forbidden);
        forbidden_in_a_row = forbidden ? forbidden_in_a_row + 1 : 0;
        if (!sent && (!forbidden || forbidden_in_a_row > kForbiddenMax)) return sent;
        // The parts that are there are left out of the next answer.
        if (!forbidden) from = next;
    }
    return ok();
}

Status PartUploader::send(std::vector<protocol::PartUrl> parts, bool& forbidden) {
    Batch batch;
    batch.parts = std::move(parts);
    const auto count = std::min(static_cast<std::size_t>(width_), batch.parts.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 1; i < count; ++i)
        threads.emplace_back([this, &batch] { work(batch); });
    work(batch);
    for (std::thread& thread : threads)
        thread.join();
    width_ = batch.is_pushed_back ? std::max(1, width_ / 2) : std::min(kWidthMax, width_ + 2);
    forbidden = batch.is_forbidden;
    return batch.outcome;
}

void PartUploader::work(Batch& batch) {
    while (true) {
        const protocol::PartUrl* part = nullptr;
        {
            const std::lock_guard lock(batch.mutex);
            if (!batch.outcome || batch.next == batch.parts.size()) return;
            part = &batch.parts[batch.next++];
        }
        const Status sent = send_part(*part, batch);
        if (sent) continue;
        const std::lock_guard lock(batch.mutex);
        if (sent.error().code == ErrorCode::kForbidden) batch.is_forbidden = true;
        if (batch.outcome) batch.outcome = sent.error();
    }
}

Status PartUploader::send_part(const protocol::PartUrl& part, Batch& batch) {
    RandomStream stream(static_cast<std::uint64_t>(part.offset.count), "part");
    Duration delay = kDelayMin;
    Status sent = hooks_.put(part);
    for (int i = 1; !sent && i < kTries && is_retryable(sent.error().code); ++i) {
        {
            const std::lock_guard lock(batch.mutex);
            batch.is_pushed_back = true;
            // Another part has failed for good.
            if (!batch.outcome) return sent;
        }
        const std::int64_t high = std::min(delay * 3, kDelayMax).us;
        delay = microseconds(stream.between(kDelayMin.us, high));
        if (!hooks_.wait(delay)) return sent;
        sent = hooks_.put(part);
    }
    return sent;
}

}  // namespace herder
