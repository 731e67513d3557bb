#pragma once
// Growing answers about one job: events or log text. A follower sleeps until the job's bell rings
// or the client has read what was sent, then sends what is new, and ends with the job.
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "api/api.h"

namespace herder::api {

// Text to send, empty for nothing new. Pending: there is more, the job's bell rings when it is
// here.
struct News {
    std::string text;
    bool is_pending = false;
};

// What a follower sends; called on the engine's thread. `accept` is called when the text was taken,
// so that a slow client loses nothing.
struct Source {
    std::function<News(const State&, JobId)> next;
    std::function<void()> accept;
    bool ends_with_job = true;  // else only with the client
};

class Follower;

// The owner of all followers: each lives here until its client leaves, its job has ended and all
// was sent, or the API stops.
class Followers {
  public:
    explicit Followers(const Parts& parts) : parts_(parts) {}
    ~Followers() { stop(); }
    Followers(const Followers&) = delete;
    Followers& operator=(const Followers&) = delete;

    // Any thread.
    void follow(const ExchangePtr& exchange, const std::string& content_type, JobId job,
                Source source);
    // Ends every stream; none begins afterwards. Call it before the engine stops.
    void stop();
    std::size_t count() const;

  private:
    friend class Follower;
    void forget(std::uint64_t id);

    const Parts parts_;
    mutable std::mutex mutex_;
    // Shared with the reads that they have queued with the engine. Guarded by mutex_, like below.
    std::map<std::uint64_t, std::shared_ptr<Follower>> all_;
    std::uint64_t next_ = 1;
    bool stopped_ = false;
};

}  // namespace herder::api
