#pragma once
// Brings the logs into the artifact store while they grow, on a thread of its own: a piece when it
// is full or a minute old. Makes room on the server's disk when the logs take up too much of it,
// and deletes those of jobs that ended long ago where the server was told to.
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "api/log_retention.h"
#include "api/log_store.h"

namespace herder::api {

class LogArchiver {
  public:
    struct Options {
        std::function<Instant()> now;
        Duration piece_age = minutes(1);
        LogRetention* retention = nullptr;  // lives on; null: nothing is deleted
    };
    LogArchiver(LogStore& logs, Options options) : logs_(logs), options_(std::move(options)) {}
    ~LogArchiver() { stop(); }
    LogArchiver(const LogArchiver&) = delete;
    LogArchiver& operator=(const LogArchiver&) = delete;

    void start();
    void stop();
    // One round; of the thread, or of whoever did not start it.
    void look();

  private:
    void loop();
    bool is_stopping() const;
    Status store_what_is_due(Instant now);
    Status make_room();
    void delete_old(Instant now);
    void note(const Status& done, Instant now);

    LogStore& logs_;
    const Options options_;
    bool has_taken_up_ = false;  // of the rounds, like those below
    std::map<std::string, Instant> since_;
    int failures_ = 0;  // in a row
    Instant retry_at_;
    int refusals_ = 0;  // in a row, of deletions
    Instant delete_at_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;  // guarded by mutex_
    std::thread thread_;
};

}  // namespace herder::api
