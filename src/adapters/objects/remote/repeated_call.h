#pragma once
// What the clients of all stores over the network do with a request: try it again where that may
// help, with growing and drawn delays, and follow the server's clock. Knows nothing of signatures.
#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "adapters/http/client.h"
#include "ports/clock.h"

namespace herder::remote {

struct RemoteAnswer {
    http::Response response;
    // A try before may have acted without our seeing its answer.
    bool is_repeated = false;
};

// Error::code tells the kind; `code` is the store's own word, empty where no answer came.
struct RemoteRefusal {
    Error error;
    int status = 0;
    std::string code;
    bool is_repeated = false;
};
using RemoteResult = tl::expected<RemoteAnswer, RemoteRefusal>;

// Thread-safe.
class RepeatedCall {
  public:
    // One try. Sets `maybe_sent` where the request may have reached the server.
    using Send = std::function<Result<http::Response>(bool& maybe_sent)>;
    // Nothing: the answer is a good one. Sets `again` where the same request may succeed now.
    using Judge = std::function<std::optional<RemoteRefusal>(const http::Response&, bool& again)>;

    RepeatedCall(const Clock& world, int tries, std::function<void(Duration)> wait)
        : world_(world), tries_(tries), wait_(std::move(wait)) {}
    RemoteResult run(const Send& send, const Judge& judge);

  private:
    Duration draw_delay(Duration previous);

    const Clock& world_;
    const int tries_;
    const std::function<void(Duration)> wait_;
    std::atomic<std::uint64_t> draws_{0};
};

// Whether a refusal with this status is likely to be another one soon.
bool is_passing(int status);

// The wall clock, set right by the Date of a server that refuses signatures of another time.
// Thread-safe.
class FollowedClock {
  public:
    explicit FollowedClock(const Clock& world) : world_(world) {}
    WallTime now() const { return world_.wall() + offset(); }
    // How far the server's clock is ahead of ours, where it has complained.
    Duration offset() const { return {offset_us_}; }
    // True where that changes the time.
    bool follow(const http::Response& response);
    // Of each answer.
    void hear(const http::Response& response);
    // Now, by the last Date that was heard, however our own calendar is set meanwhile.
    std::optional<WallTime> told_now() const;

  private:
    const Clock& world_;
    static constexpr std::int64_t kNotHeard = INT64_MIN;
    std::atomic<std::int64_t> offset_us_{0};
    // When our monotonic clock began to count, by the server's calendar.
    std::atomic<std::int64_t> boot_us_{kNotHeard};
};

// The content of a file as a request's body; nothing for an empty name.
Result<std::optional<http::BodySource>> open_body(const std::string& file);

}  // namespace herder::remote
