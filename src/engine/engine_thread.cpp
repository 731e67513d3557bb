#include "engine/engine_thread.h"

#include <algorithm>
#include <chrono>

#include "base/log.h"

namespace herder {

EngineThread::EngineThread(Core& core, Store& store, Clock& clock, Entropy& entropy,
                           EffectRunner& effects, EngineOptions options, OnCommitted watch)
    : core_(core), clock_(clock) {
    options.on_reply = [this](Reply reply) { deliver(reply.to, std::move(reply.body)); };
    options.on_committed = std::move(watch);
    engine_ = std::make_unique<Engine>(core, store, clock, entropy, effects, std::move(options));
}

EngineThread::~EngineThread() {
    stop();
}

Status EngineThread::start() {
    const Status started = engine_->start();
    if (!started) return started;
    thread_ = std::thread([this] { loop(); });
    return ok();
}

void EngineThread::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
    run_readers();
    refuse_waiting();
}

void EngineThread::post(InputBody body) {
    const Status posted = engine_->post(std::move(body));
    if (!posted) log_warn("engine.input_refused", {{"why", posted.error().message}});
    wake();
}

void EngineThread::read(Reader reader) {
    {
        const std::lock_guard lock(mutex_);
        if (!stopping_) {
            readers_.push_back(std::move(reader));
            posted_ = true;
            changed_.notify_all();
            return;
        }
    }
    // Nobody pumps any more: the state stands still and may be read right here.
    reader(core_.state(), engine_->logical_now());
}

ReplyTo EngineThread::expect(OnReply on_reply) {
    const std::lock_guard lock(mutex_);
    const ReplyTo to = next_reply_++;
    waiting_.emplace(to, std::move(on_reply));
    return to;
}

void EngineThread::deliver(ReplyTo to, Result<ReplyBody> body) {
    OnReply on_reply;
    {
        const std::lock_guard lock(mutex_);
        const auto found = waiting_.find(to);
        if (found == waiting_.end()) return;
        on_reply = std::move(found->second);
        waiting_.erase(found);
    }
    on_reply(std::move(body));
}

void EngineThread::wake() {
    {
        const std::lock_guard lock(mutex_);
        posted_ = true;
    }
    changed_.notify_all();
}

void EngineThread::run_readers() {
    std::deque<Reader> readers;
    {
        const std::lock_guard lock(mutex_);
        readers.swap(readers_);
    }
    for (const Reader& reader : readers)
        reader(core_.state(), engine_->logical_now());
}

void EngineThread::wait_for_work() {
    // The clock may run faster than real time (a scaled clock): waits are short and rechecked.
    const Duration until = engine_->wake_at() - clock_.monotonic();
    const std::int64_t wait_us = std::clamp<std::int64_t>(until.us, 0, milliseconds(50).us);
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::microseconds(wait_us),
                      [this] { return posted_ || stopping_; });
    posted_ = false;
}

void EngineThread::loop() {
    bool led = true;
    while (true) {
        run_readers();
        const bool busy = engine_->pump();
        if (led && !engine_->is_leading()) {
            led = false;
            log_error("engine.lead_lost", {});
            if (lead_lost_) lead_lost_();
        }
        {
            const std::lock_guard lock(mutex_);
            if (stopping_) return;
        }
        if (!busy) wait_for_work();
    }
}

void EngineThread::refuse_waiting() {
    std::map<ReplyTo, OnReply> waiting;
    {
        const std::lock_guard lock(mutex_);
        waiting.swap(waiting_);
    }
    for (auto& [to, on_reply] : waiting)
        on_reply(unavailable("the server is stopping"));
}

}  // namespace herder
