#pragma once
// The server's engine thread: pumps the engine, hands replies to whoever waits for them, and lets
// readers look at the state between two batches. Not used by the simulator, which pumps by itself.
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "engine/engine.h"

namespace herder {

class EngineThread {
  public:
    using OnReply = std::function<void(Result<ReplyBody>)>;
    using Reader = std::function<void(const State&, Instant now)>;
    using OnCommitted = std::function<void(const Output&)>;

    // `watch` is called on the engine thread after every commit, before replies go out.
    EngineThread(Core& core, Store& store, Clock& clock, Entropy& entropy, EffectRunner& effects,
                 EngineOptions options, OnCommitted watch);
    ~EngineThread();
    EngineThread(const EngineThread&) = delete;
    EngineThread& operator=(const EngineThread&) = delete;

    // Takes the lead, loads the state and starts the thread.
    Status start();
    // Stops pumping and joins. Waiting replies get kUnavailable.
    void stop();

    // Any thread. What nobody waits for: results of effects.
    void post(InputBody body);
    // Any thread. `on_reply` is called exactly once, on the engine thread or, for a refused input,
    // on the caller's; it must not block. The body's reply_to is filled in here.
    template <class In>
    void ask(In in, OnReply on_reply) {
        in.reply_to = expect(std::move(on_reply));
        const ReplyTo to = in.reply_to;
        const Status posted = engine_->post(InputBody(std::move(in)));
        if (!posted) return deliver(to, posted.error());
        wake();
    }
    // Any thread. Runs `read` on the engine thread between two batches; it must be short.
    void read(Reader read);
    // As `read`, but waits for the answer. Never call it on the engine thread.
    template <class T>
    T fetch(std::function<T(const State&, Instant now)> make);

    bool is_leading() const { return engine_->is_leading(); }
    // Called once, on the engine thread, when the lead is lost.
    void on_lead_lost(std::function<void()> fn) { lead_lost_ = std::move(fn); }

  private:
    ReplyTo expect(OnReply on_reply);
    void deliver(ReplyTo to, Result<ReplyBody> body);
    void wake();
    void loop();
    void run_readers();
    void wait_for_work();
    void refuse_waiting();

    Core& core_;
    Clock& clock_;
    std::unique_ptr<Engine> engine_;
    std::function<void()> lead_lost_;
    std::thread thread_;

    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;  // guarded by mutex_, like all below
    bool posted_ = false;
    std::deque<Reader> readers_;
    std::map<ReplyTo, OnReply> waiting_;
    ReplyTo next_reply_ = 1;
};

template <class T>
T EngineThread::fetch(std::function<T(const State&, Instant now)> make) {
    std::mutex done_mutex;
    std::condition_variable done;
    std::optional<T> answer;
    read([&](const State& state, Instant now) {
        const std::lock_guard lock(done_mutex);
        answer.emplace(make(state, now));
        done.notify_one();
    });
    std::unique_lock lock(done_mutex);
    done.wait(lock, [&] { return answer.has_value(); });
    return std::move(*answer);
}

}  // namespace herder
