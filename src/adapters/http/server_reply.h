#pragma once
// What a Responder or Stream and its connection share: one answer in the making. Any thread may
// write to it; only the connection's thread takes from it. Private to this folder.
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "adapters/http/message.h"
#include "adapters/http/server.h"

namespace herder::http {

// The connection, as seen from here. wake() must only post: it is called under the channel's lock.
class ReplyWaker {
  public:
    virtual void wake() = 0;

  protected:
    ~ReplyWaker() = default;
};

class ReplyChannel {
  public:
    ReplyChannel(ReplyWaker* waker, std::size_t stream_buffer)
        : waker_(waker), stream_buffer_(stream_buffer) {}

    // Any thread.
    void respond(Response response);
    bool start_stream(Response head);
    WriteStatus write(std::string chunk);
    void finish(bool broken);
    bool is_alive() const;                        // unanswered and connected
    bool is_streaming() const;                    // open and connected
    void set_callback(std::function<void()> fn);  // on_gone, later on_drain

    // The connection's thread.
    struct Progress {
        std::optional<Response> response;  // once
        bool is_stream = false;
        std::string bytes;      // what the stream gathered since the last time
        bool is_ended = false;  // nothing follows `bytes`
        bool is_broken = false;
    };
    // What is new: first the response alone, then what a stream gathered. After a call that did
    // not return a response, wake() comes once when there is more.
    Progress take();
    // Called when all that take() returned is on its way; runs on_drain.
    void drained();
    // No wake() comes afterwards. `client_left` runs the callback once.
    void detach(bool client_left);

  private:
    void wake_locked();

    mutable std::mutex mutex_;  // guards all below
    ReplyWaker* waker_;         // null once detached
    const std::size_t stream_buffer_;
    std::optional<Response> response_;
    bool answered_ = false;
    bool streaming_ = false;
    bool ended_ = false;
    bool broken_ = false;
    bool woken_ = true;  // the handler is still running: take() follows it
    std::string outbox_;
    std::function<void()> callback_;
};

}  // namespace herder::http
