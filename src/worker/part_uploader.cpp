#include "worker/part_uploader.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/random.h"

namespace herder {

namespace {

constexpr int kWidthMax = 64;
constexpr int kTries = 6;
constexpr Duration kDelayMin = milliseconds(200);
constexpr Duration kDelayMax = seconds(20);
constexpr Duration kTimeoutMin = seconds(30);
constexpr Duration kTimeoutUnknown = hours(2);  // before it is known how long parts take
constexpr std::size_t kTookKept = 64;
constexpr std::size_t kTookEnough = 8;
// A part is sent a second time when it takes so many times as long as half of the others, but no
// more than a twentieth of all.
constexpr int kLaggardTimes = 3;
constexpr Duration kLaggardLeast = seconds(1);
constexpr std::size_t kAgainShare = 20;
constexpr std::chrono::milliseconds kLook{100};

Duration rank(const std::deque<Duration>& values, std::size_t percent) {
    std::vector<Duration> sorted(values.begin(), values.end());
    const std::size_t at = std::min(sorted.size() - 1, sorted.size() * percent / 100);
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(at),
                     sorted.end());
    return sorted[at];
}

}  // namespace

// A part under way, in one or two calls. Lives until the last of them has come back.
struct PartUploader::Flight {
    Flight(Piece p, Instant now) : piece(std::move(p)), began(now) {}
    const Piece piece;
    Instant began;
    http::CancelToken first;
    http::CancelToken second;
    int calls = 1;
    bool is_done = false;
    bool is_doubled = false;
    bool is_waiting = false;  // before its next try; it is not slow
};

PartUploader::PartUploader(std::size_t files, Hooks hooks)
    : hooks_(std::move(hooks)), files_(files), width_(kWidthMax) {}

PartUploader::~PartUploader() = default;

Status PartUploader::run() {
    {
        const std::lock_guard lock(mutex_);
        width_.begin(hooks_.now());
    }
    work();
    // Nobody hires once all is finished.
    for (std::thread& thread : threads_)
        thread.join();
    return outcome_;
}

void PartUploader::give_up() {
    const std::lock_guard lock(mutex_);
    if (is_finished()) return;
    fail({ErrorCode::kCancelled, "it is not waited for any longer"});
}

bool PartUploader::is_finished() const {
    if (!outcome_) return true;
    return file_ == files_ && queue_.empty() && flights_.empty() && !is_asking_;
}

bool PartUploader::may_ask() const {
    if (is_asking_ || file_ == files_) return false;
    if (is_stale_) return flights_.empty();
    return queue_.size() < static_cast<std::size_t>(width_.width());
}

// One of several that do the same until nothing is left to do.
void PartUploader::work() {
    std::unique_lock lock(mutex_);
    while (!is_finished()) {
        if (may_ask()) {
            ask(lock);
        } else if (!queue_.empty() && sending_ < width_.width()) {
            send_next(lock);
        } else if (Flight* laggard = find_laggard(); laggard != nullptr) {
            send_again(lock, *laggard);
        } else {
            changed_.wait_for(lock, kLook);
        }
    }
    changed_.notify_all();
}

// Under mutex_. Another thread where there is something for it.
void PartUploader::hire() {
    if (is_finished()) return;
    const std::size_t wanted =
        std::min(static_cast<std::size_t>(width_.width()), queue_.size() + flights_.size());
    while (threads_.size() + 1 < wanted)
        threads_.emplace_back([this] { work(); });
}

void PartUploader::ask(std::unique_lock<std::mutex>& lock) {
    is_asking_ = true;
    is_stale_ = false;
    const std::size_t file = file_;
    const int from = from_;
    lock.unlock();
    Result<protocol::PartsResponse> answer = hooks_.ask(file, from);
    for (int i = 1; !answer && i < kTries && is_retryable(answer.error().code); ++i) {
        if (!hooks_.wait(std::min(kDelayMin * (1LL << i), kDelayMax), over_)) break;
        answer = hooks_.ask(file, from);
    }
    lock.lock();
    is_asking_ = false;
    if (!answer) return fail(answer.error());
    changed_.notify_all();
    if (is_stale_) return;  // a part found out meanwhile; these come again
    for (protocol::PartUrl& part : answer->parts) {
        const std::size_t of = part.file < 0 ? file : static_cast<std::size_t>(part.file);
        if (of >= files_)
            return fail(internal("the server named a part of a file that is not there"));
        queue_.push_back({of, std::move(part), round_});
    }
    const std::size_t after = answer->next == 0 ? file + 1 : file;
    file_ = answer->next_file < 0 ? after : static_cast<std::size_t>(answer->next_file);
    from_ = answer->next == 0 ? 1 : answer->next;
    // What stands still, or goes back, would be asked for without end.
    if (std::pair(file_, from_) <= std::pair(file, from) || file_ > files_)
        return fail(internal("the server's answer about parts leads nowhere"));
    hire();
}

void PartUploader::send_next(std::unique_lock<std::mutex>& lock) {
    Flight& flight = flights_.emplace_back(std::move(queue_.front()), hooks_.now());
    queue_.pop_front();
    ++sending_;
    lock.unlock();
    const Status sent = send(flight, flight.first, false);
    lock.lock();
    --sending_;
    end(flight, sent);
}

// Under mutex_. One whose second try is worth a connection that has nothing else to do.
PartUploader::Flight* PartUploader::find_laggard() {
    const bool is_tail = queue_.empty() && file_ == files_ && !is_asking_;
    if (!is_tail || took_.size() < kTookEnough) return nullptr;
    if (sent_again_ >= std::max<std::size_t>(1, parts_done_ / kAgainShare)) return nullptr;
    if (hooks_.now() < quiet_until_) return nullptr;
    const Duration late = std::max(kLaggardLeast, rank(took_, 50) * kLaggardTimes);
    for (Flight& flight : flights_) {
        const bool is_sent = !flight.is_done && !flight.is_doubled && !flight.is_waiting;
        if (is_sent && hooks_.now() - flight.began > late) return &flight;
    }
    return nullptr;
}

void PartUploader::send_again(std::unique_lock<std::mutex>& lock, Flight& flight) {
    flight.is_doubled = true;
    ++flight.calls;
    ++sent_again_;
    lock.unlock();
    const Status sent = send(flight, flight.second, true);
    lock.lock();
    end(flight, sent);
}

// A call of a part has come back. Under mutex_.
void PartUploader::end(Flight& flight, const Status& sent) {
    changed_.notify_all();
    --flight.calls;
    if (sent && !flight.is_done) {
        flight.is_done = true;
        stale_rounds_ = 0;
        ++parts_done_;
        took_.push_back(hooks_.now() - flight.began);
        if (took_.size() > kTookKept) took_.pop_front();
        width_.arrived(flight.piece.part.size, hooks_.now());
        hire();
        flight.first.cancel();  // whichever is still on its way
        flight.second.cancel();
    } else if (!sent && !flight.is_done && flight.calls == 0) {
        if (sent.error().code == ErrorCode::kForbidden)
            ask_again_from(flight.piece, sent.error());
        else
            fail(sent.error());
    }
    if (flight.calls > 0) return;
    flights_.remove_if([&flight](const Flight& one) { return &one == &flight; });
}

// Its URL was too old, and so are those that were signed with it. What the store has by then is
// left out of the next answer.
void PartUploader::ask_again_from(const Piece& piece, const Error& why) {
    if (piece.round == round_) {
        ++round_;
        if (++stale_rounds_ > kFreshUrlsMax) {
            return fail(
                {ErrorCode::kForbidden,
                 "the store refuses every URL that the server signs for it: " + why.message});
        }
    }
    const auto earlier = [](std::size_t file, int number, const Piece& other) {
        return std::pair(other.file, other.part.number) < std::pair(file, number);
    };
    note_again(why);
    is_stale_ = true;
    queue_.push_back(piece);
    for (const Piece& one : queue_) {
        if (!earlier(file_, from_, one)) continue;
        file_ = one.file;
        from_ = one.part.number;
    }
    queue_.clear();
}

void PartUploader::note_again(const Error& why) const {
    if (hooks_.on_again) hooks_.on_again(why);
}

void PartUploader::fail(const Error& error) {
    changed_.notify_all();
    if (!outcome_) return;
    outcome_ = error;
    over_.cancel();
    for (Flight& flight : flights_) {
        flight.first.cancel();
        flight.second.cancel();
    }
}

// Of one call. Under mutex_.
Duration PartUploader::timeout() const {
    if (took_.size() < kTookEnough) return kTimeoutUnknown;
    return std::max(kTimeoutMin, rank(took_, 95) * 4);
}

// A wait says nothing about how slow the part is: its time begins anew behind it.
bool PartUploader::wait_to_send_again(Flight& flight, const http::CancelToken& cancel,
                                      Duration delay, Duration asked_wait) {
    {
        const std::lock_guard lock(mutex_);
        flight.is_waiting = true;
        if (asked_wait > Duration{})
            quiet_until_ = std::max(quiet_until_, hooks_.now() + asked_wait);
    }
    const bool goes_on = hooks_.wait(std::max(delay, asked_wait), cancel);
    const std::lock_guard lock(mutex_);
    flight.is_waiting = false;
    flight.began = hooks_.now();
    return goes_on;
}

Status PartUploader::send(Flight& flight, const http::CancelToken& cancel, bool is_second) {
    const protocol::PartUrl& part = flight.piece.part;
    RandomStream stream(static_cast<std::uint64_t>(part.offset.count), "part");
    Duration delay = kDelayMin;
    for (int i = 1;; ++i) {
        Duration patience{};
        {
            const std::lock_guard lock(mutex_);
            // A part that took too long once may be a large one on a slow link.
            patience = timeout() * (1LL << (i - 1));
        }
        Duration asked_wait{};
        Status sent =
            hooks_.put({flight.piece.file, part, cancel, patience, is_second, &asked_wait});
        if (sent || i == kTries || !is_retryable(sent.error().code)) return sent;
        {
            const std::lock_guard lock(mutex_);
            if (!outcome_ || flight.is_done) return sent;
            width_.pushed_back(hooks_.now());
        }
        note_again(sent.error());
        const std::int64_t high = std::min(delay * 3, kDelayMax).us;
        delay = microseconds(stream.between(kDelayMin.us, high));
        if (!wait_to_send_again(flight, cancel, delay, asked_wait)) return sent;
    }
}

}  // namespace herder
