// tidy:allow missing-test covered by stream_routes_json_test.cpp
#include "api/follower.h"

namespace herder::api {

namespace {

// Shared by its two bells (feed and drain) and by the reads that they queue.
class Follower : public std::enable_shared_from_this<Follower> {
  public:
    Follower(const Parts& parts, std::unique_ptr<Stream> stream, JobId job, Source source)
        : parts_(parts), stream_(std::move(stream)), job_(job), source_(std::move(source)) {}

    void start() {
        const std::weak_ptr<Follower> weak = weak_from_this();
        keep_ = shared_from_this();
        const auto bell = [weak] {
            if (const auto self = weak.lock()) self->queue();
        };
        ticket_ = parts_.feed.listen(job_, bell);
        stream_->on_drain(bell);
        queue();
    }

  private:
    void queue() {
        parts_.engine.read(
            [self = shared_from_this()](const State& state, Instant) { self->send(state); });
    }

    // On the engine's thread only.
    void send(const State& state) {
        if (!keep_) return;
        if (!stream_->is_open()) return finish();
        while (true) {
            const std::string text = source_.next(state, job_);
            if (text.empty()) break;
            if (!stream_->write(text)) return stream_->is_open() ? void() : finish();
            source_.accept();
        }
        const auto job = state.jobs.find(job_);
        if (job == state.jobs.end() || is_terminal(job->second.phase)) finish();
    }

    void finish() {
        parts_.feed.forget(ticket_);
        stream_->close();
        keep_.reset();
    }

    const Parts parts_;
    std::unique_ptr<Stream> stream_;
    const JobId job_;
    const Source source_;
    LiveFeed::Ticket ticket_ = 0;
    std::shared_ptr<Follower> keep_;  // itself, until it has finished
};

}  // namespace

void follow(const Parts& parts, const ExchangePtr& exchange, const std::string& content_type,
            JobId job, Source source) {
    std::make_shared<Follower>(parts, exchange->stream(content_type), job, std::move(source))
        ->start();
}

}  // namespace herder::api
