#pragma once
// Sends the parts of a few files, several at once, and asks for further URLs before they run out.
// As many at once as make it faster; what fails on the way is tried again; the last parts are sent
// a second time over another connection where the first is slow. Knows no protocol: what to do is
// handed in.
#include <condition_variable>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

#include "adapters/http/cancel.h"
#include "base/result.h"
#include "core/worker/transfer_width.h"
#include "protocol/parts_json.h"

namespace herder {

class PartUploader {
  public:
    // URLs that a refused one is replaced by, one after the other, until something else must be
    // wrong with it than its age.
    static constexpr int kFreshUrlsMax = 2;

    struct Put {
        std::size_t file = 0;
        const protocol::PartUrl& part;
        const http::CancelToken& cancel;
        Duration timeout;
        bool is_second = false;          // another try is under way: not over the same connection
        Duration* asked_wait = nullptr;  // out: how long the store wants to be left alone
    };
    struct Hooks {
        // URLs of the parts of `file` that are missing, from a number on; and of those of the files
        // after it, if the answer says so.
        std::function<Result<protocol::PartsResponse>(std::size_t file, int from)> ask;
        std::function<Status(const Put&)> put;  // several threads at once
        // False: give up. The agent ends, or nobody needs it any more, which `over` says at once.
        std::function<bool(Duration, const http::CancelToken& over)> wait;
        std::function<Instant()> now;  // monotonic
        // A part did not arrive and is sent once more. Several threads at once. May be empty.
        std::function<void(const Error& why)> on_again{};
    };

    // The files are numbered from 0. Those below `files` are asked for, in order; an empty one may
    // have no parts.
    PartUploader(std::size_t files, Hooks hooks);
    ~PartUploader();

    // Until all parts are there, or one fails for good. Blocks. Once.
    Status run();
    // Any thread, any time: nobody needs it any more. What is under way is broken off, and run()
    // returns kCancelled unless all had arrived.
    void give_up();
    // How many parts went at once at last.
    int width() const { return width_.width(); }

  private:
    struct Piece {
        std::size_t file = 0;
        protocol::PartUrl part;
        int round = 0;  // of asking; URLs of earlier ones have been too old
    };
    struct Flight;

    void work();
    bool is_finished() const;
    bool may_ask() const;
    void ask(std::unique_lock<std::mutex>& lock);
    void send_next(std::unique_lock<std::mutex>& lock);
    Flight* find_laggard();
    void send_again(std::unique_lock<std::mutex>& lock, Flight& flight);
    Status send(Flight& flight, const http::CancelToken& cancel, bool is_second);
    bool wait_to_send_again(Flight& flight, const http::CancelToken& cancel, Duration delay,
                            Duration asked_wait);
    void end(Flight& flight, const Status& sent);
    void ask_again_from(const Piece& piece, const Error& why);
    void note_again(const Error& why) const;
    void fail(const Error& error);
    Duration timeout() const;
    void hire();

    const Hooks hooks_;
    const std::size_t files_;
    std::mutex mutex_;  // guards all below
    std::condition_variable changed_;
    TransferWidth width_;
    std::deque<Piece> queue_;
    std::list<Flight> flights_;
    std::size_t file_ = 0;  // what is to be asked for next
    int from_ = 1;
    bool is_asking_ = false;
    bool is_stale_ = false;  // ask only once nothing is under way
    int round_ = 0;
    int stale_rounds_ = 0;  // one after the other
    int sending_ = 0;       // threads that are
    std::size_t parts_done_ = 0;
    std::size_t sent_again_ = 0;
    std::deque<Duration> took_;  // the last parts
    Instant quiet_until_;        // the store wants to be left alone so long
    Status outcome_ = ok();
    http::CancelToken over_;  // nothing is asked for any more
    std::vector<std::thread> threads_;
};

}  // namespace herder
