#include "worker/sync_loop.h"

#include <utility>

#include "base/log.h"

namespace herder {
namespace {

// Beyond the time that the server may hold a report, in real time.
constexpr Duration kAnswerTimeout = seconds(20);

}  // namespace

SyncLoop::SyncLoop(ServerLink& link, const MachineClock& clock, Post post)
    : link_(link), clock_(clock), post_(std::move(post)), thread_([this] { loop(); }) {}

SyncLoop::~SyncLoop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        if (in_flight_) in_flight_->cancel();
    }
    changed_.notify_all();
    thread_.join();
}

void SyncLoop::send(AgentReport report) {
    {
        const std::lock_guard lock(mutex_);
        next_ = std::move(report);
        if (in_flight_) in_flight_->cancel();
    }
    changed_.notify_all();
}

protocol::SyncResponse SyncLoop::newest() const {
    const std::lock_guard lock(mutex_);
    return newest_;
}

void SyncLoop::loop() {
    while (true) {
        AgentReport report;
        http::CancelToken* cancel = nullptr;
        {
            std::unique_lock lock(mutex_);
            in_flight_.reset();
            changed_.wait(lock, [this] { return stopping_ || next_; });
            if (stopping_) return;
            report = *std::exchange(next_, std::nullopt);
            in_flight_ = std::make_unique<http::CancelToken>();
            cancel = in_flight_.get();
        }
        exchange(report, *cancel);
    }
}

void SyncLoop::exchange(const AgentReport& report, const http::CancelToken& cancel) {
    Duration held;
    {
        const std::lock_guard lock(mutex_);
        held = clock_.real(report_every_);
    }
    const Instant sent_at = clock_.monotonic();
    auto response = link_.sync(report, held + kAnswerTimeout, cancel);
    if (!response) {
        if (cancel.is_cancelled()) return;  // replaced by a newer report
        log_warn("agent.sync_failed", {{"error", response.error().message}});
        return post_(worker_input::SyncFailed{report.sequence});
    }
    worker_input::OrdersReceived input{report.sequence, sent_at, response->orders};
    {
        const std::lock_guard lock(mutex_);
        report_every_ = response->orders.report_every;
        newest_ = std::move(*response);
    }
    post_(std::move(input));
}

}  // namespace herder
