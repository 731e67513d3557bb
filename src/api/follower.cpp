#include "api/follower.h"

#include <utility>

namespace herder::api {

// Its bells (feed and drain) know it weakly; only Followers and queued reads keep it.
class Follower : public std::enable_shared_from_this<Follower> {
  public:
    Follower(Followers& home, std::uint64_t id, JobId job, Source source)
        : home_(home), id_(id), job_(job), source_(std::move(source)) {}

    void start(std::unique_ptr<Stream> stream) {
        const std::weak_ptr<Follower> weak = weak_from_this();
        const auto bell = [weak] {
            if (const auto self = weak.lock()) self->queue();
        };
        {
            const std::lock_guard lock(mutex_);
            if (ended_) return;
            stream_ = std::move(stream);
            ticket_ = home_.parts_.feed.listen(job_, bell);
        }
        stream_->on_drain(bell);
        queue();
    }

    // Any thread, once it is no longer in its home; the home may be gone afterwards.
    void end() {
        const std::lock_guard lock(mutex_);
        if (std::exchange(ended_, true) || !stream_) return;
        home_.parts_.feed.forget(ticket_);
        stream_->close();
    }

  private:
    void queue() {
        home_.parts_.engine.read(
            [self = shared_from_this()](const State& state, Instant) { self->send(state); });
    }

    // On the engine's thread only.
    void send(const State& state) {
        bool is_over = false;
        {
            const std::lock_guard lock(mutex_);
            if (ended_) return;
            is_over = !send_news(state);
        }
        if (is_over) home_.forget(id_);
    }

    // False when there is nothing more to come.
    bool send_news(const State& state) {
        if (!stream_->is_open()) return false;
        while (true) {
            const News news = source_.next(state, job_);
            if (news.is_pending) return true;
            if (news.text.empty()) break;
            if (!stream_->write(news.text)) return stream_->is_open();
            source_.accept();
        }
        const auto job = state.jobs.find(job_);
        if (job == state.jobs.end()) return false;
        return !source_.ends_with_job || !is_terminal(job->second.phase);
    }

    Followers& home_;
    const std::uint64_t id_;
    const JobId job_;
    const Source source_;
    std::mutex mutex_;
    bool ended_ = false;  // guarded by mutex_, like ticket_
    LiveFeed::Ticket ticket_ = 0;
    std::unique_ptr<Stream> stream_;  // set once
};

void Followers::follow(const ExchangePtr& exchange, const std::string& content_type, JobId job,
                       Source source) {
    std::shared_ptr<Follower> follower;  // as in all_
    {
        const std::lock_guard lock(mutex_);
        if (stopped_) return;
        const std::uint64_t id = next_++;
        follower = std::make_shared<Follower>(*this, id, job, std::move(source));
        all_.emplace(id, follower);
    }
    follower->start(exchange->stream(content_type));
}

void Followers::forget(std::uint64_t id) {
    std::shared_ptr<Follower> follower;
    {
        const std::lock_guard lock(mutex_);
        const auto found = all_.find(id);
        if (found == all_.end()) return;
        follower = std::move(found->second);
        all_.erase(found);
    }
    follower->end();
}

void Followers::stop() {
    std::map<std::uint64_t, std::shared_ptr<Follower>> all;
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        all.swap(all_);
    }
    for (auto& [id, follower] : all)
        follower->end();
}

std::size_t Followers::count() const {
    const std::lock_guard lock(mutex_);
    return all_.size();
}

}  // namespace herder::api
