#include "api/log_archiver.h"

#include <chrono>

#include "base/back_off.h"
#include "base/log.h"

namespace herder::api {

namespace {

constexpr std::chrono::milliseconds kBeat{500};
constexpr Duration kRetry = seconds(5);
constexpr Duration kRetryMax = minutes(5);
// Deletions are in no hurry, and what does not let go of anything is asked at least once a day.
constexpr Duration kDeleteEvery = seconds(10);
constexpr Duration kDeleteRetry = minutes(1);
constexpr Duration kDeleteRetryMax = hours(24);

}  // namespace

void LogArchiver::start() {
    thread_ = std::thread([this] { loop(); });
}

void LogArchiver::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

bool LogArchiver::is_stopping() const {
    const std::lock_guard lock(mutex_);
    return stopping_;
}

void LogArchiver::loop() {
    while (!is_stopping()) {
        look();
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, kBeat, [this] { return stopping_; });
    }
}

void LogArchiver::look() {
    if (!std::exchange(has_taken_up_, true)) (void)logs_.take_up();
    const Instant now = options_.now();
    if (now < retry_at_) return;
    Status done = store_what_is_due(now);
    if (done && logs_.used() > logs_.disk_limit() / 4 * 3) done = make_room();
    note(done, now);
    if (done) delete_old(now);
}

Status LogArchiver::store_what_is_due(Instant now) {
    for (const LogStore::Waiting& one : logs_.waiting()) {
        const Instant since = since_.try_emplace(one.base, now).first->second;
        const bool is_old = now - since >= options_.piece_age;
        if (!is_old && one.bytes < kSegmentSize) continue;
        if (is_stopping()) return ok();
        if (auto stored = logs_.store_next(one.base, false); !stored) return stored;
        since_.erase(one.base);
    }
    return ok();
}

// The oldest first, until a good part of the disk is free again: what the logs say, then where
// their pieces are, which the store can tell, too.
Status LogArchiver::make_room() {
    const std::vector<LogFiles::File> files = logs_.take_up();
    const auto is_enough = [&] { return is_stopping() || logs_.used() <= logs_.disk_limit() / 2; };
    for (const LogFiles::File& file : files) {
        if (is_enough()) break;
        if (auto moved = logs_.move_out(file.base); !moved) return moved;
    }
    for (const LogFiles::File& file : files) {
        if (is_enough()) break;
        logs_.forget(file.base);
    }
    log_info("logs.made_room", {{"bytes", std::to_string(logs_.used())}});
    return ok();
}

void LogArchiver::delete_old(Instant now) {
    if (options_.retention == nullptr || now < delete_at_ || is_stopping()) return;
    const Status done = options_.retention->step([this] { return is_stopping(); });
    if (done) {
        refusals_ = 0;
        delete_at_ = now + kDeleteEvery;
        return;
    }
    delete_at_ = now + back_off(kDeleteRetry, refusals_++, kDeleteRetryMax);
    log_warn("logs.not_deleted",
             {{"why", done.error().message}, {"tries", std::to_string(refusals_)}});
}

void LogArchiver::note(const Status& done, Instant now) {
    if (done) {
        if (std::exchange(failures_, 0) > 0) log_info("logs.stored_again");
        return;
    }
    retry_at_ = now + back_off(kRetry, failures_++, kRetryMax);
    log_warn("logs.not_stored", {{"why", done.error().message},
                                 {"logs", std::to_string(logs_.waiting().size())},
                                 {"tries", std::to_string(failures_)}});
}

}  // namespace herder::api
