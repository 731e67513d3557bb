#include "worker/log_shipper.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "base/log.h"
#include "protocol/log_ages.h"

namespace herder {
namespace {

constexpr std::size_t kChunkSize = 256 * 1024;
// Of each stream while something else has the link: what is lost to it stays small.
constexpr std::size_t kHeldChunkSize = 64 * 1024;
// A spool that runs over loses lines, and no order among transfers is worth that.
constexpr std::uint64_t kSpoolHeldMax = LogSpool::kLimit / 8;
constexpr std::chrono::milliseconds kBeat{500};
constexpr std::chrono::milliseconds kBackoffMax{15'000};

}  // namespace

LogShipper::LogShipper(LogSpool& spool, ServerLink& link, std::function<Instant()> now)
    : spool_(spool), link_(link), now_(std::move(now)), thread_([this] { loop(); }) {}

LogShipper::~LogShipper() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

bool LogShipper::flush(Duration limit) {
    std::unique_lock lock(mutex_);
    hurry_ = true;
    ++flushes_;
    changed_.notify_all();
    const bool is_sent = changed_.wait_for(lock, std::chrono::microseconds(limit.us),
                                           [this] { return spool_.is_empty(); });
    --flushes_;
    return is_sent;
}

std::string LogShipper::ages_of(const LogSpool::Chunk& chunk) const {
    std::vector<protocol::LogAge> ages;
    if (!now_) return "";
    const Instant now = now_();
    for (const LogSpool::Written& written : chunk.written) {
        const auto offset =
            static_cast<std::int64_t>(std::max(written.offset, chunk.offset) - chunk.offset);
        ages.push_back({offset, std::max(Duration{}, now - written.at)});
    }
    return protocol::to_text(ages);
}

void LogShipper::go_back(const LogSpool::Chunk& chunk, std::uint64_t next) {
    log_warn("agent.log_lost_by_server", {{"stream", chunk.stream},
                                          {"had", std::to_string(chunk.offset)},
                                          {"has", std::to_string(next)}});
    spool_.go_back(chunk.stream, next);
}

bool LogShipper::await_turn() {
    {
        const std::lock_guard lock(mutex_);
        if (flushes_ > 0) return false;
    }
    if (spool_.fullest() > kSpoolHeldMax) return false;
    return link_.turns().wait(TransferClass::kLogs, [this](Duration time) {
        std::unique_lock lock(mutex_);
        const auto is_urgent = [this] { return stopping_ || flushes_ > 0; };
        return !changed_.wait_for(lock, std::chrono::microseconds(time.us), is_urgent);
    });
}

bool LogShipper::ship() {
    while (!spool_.is_empty()) {
        const auto chunks = spool_.next_chunks(await_turn() ? kHeldChunkSize : kChunkSize);
        std::size_t taken = 0;
        for (const LogSpool::Chunk& chunk : chunks) {
            const auto next =
                link_.send_log(chunk.stream, chunk.offset, chunk.text, ages_of(chunk));
            if (!next) return false;
            if (spool_.acknowledge(chunk.stream, *next)) ++taken;
            // It lost what it had, by a power loss or with a backup that was put back. Not counted
            // as taken: one that goes on losing is asked more and more seldom.
            if (*next < chunk.offset) go_back(chunk, *next);
        }
        if (taken == 0) return false;
        const std::lock_guard lock(mutex_);
        if (stopping_) return true;
    }
    return true;
}

void LogShipper::loop() {
    auto wait = kBeat;
    while (true) {
        {
            std::unique_lock lock(mutex_);
            changed_.wait_for(lock, wait, [this] { return stopping_ || hurry_; });
            if (stopping_) return;
            hurry_ = false;
        }
        wait = ship() ? kBeat : std::min(wait * 2, kBackoffMax);
        const std::lock_guard lock(mutex_);
        changed_.notify_all();
    }
}

}  // namespace herder
