#include "adapters/objects/remote/repeated_call.h"

#include <algorithm>
#include <filesystem>

#include "adapters/http/http_date.h"
#include "adapters/http/retry_after.h"
#include "base/log.h"
#include "base/random.h"

namespace herder::remote {

namespace {

constexpr Duration kDelayMin = milliseconds(100);
constexpr Duration kDelayMax = seconds(20);
constexpr Duration kRetryAfterMax = seconds(60);
// Smaller differences are no reason for a refusal.
constexpr Duration kClockOffsetMin = minutes(1);

std::optional<WallTime> date_of(const http::Response& response) {
    return http::parse_http_date(std::string(response.headers.get("date").value_or("")));
}

bool is_broken_transport(const Error& error) {
    return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kTimedOut ||
           error.code == ErrorCode::kCorrupt;
}

}  // namespace

bool is_passing(int status) {
    return status >= 502 || status == 500 || status == 429 || status == 408;
}

bool FollowedClock::follow(const http::Response& response) {
    const auto theirs = date_of(response);
    if (!theirs) return false;
    const Duration told = *theirs - world_.wall();
    const Duration change = told - offset();
    if (change < kClockOffsetMin && change > Duration{-kClockOffsetMin.us}) return false;
    offset_us_ = told.us;
    log_warn("storage.clock_differs", {{"ahead_s", std::to_string(told.whole_seconds())}});
    return true;
}

void FollowedClock::hear(const http::Response& response) {
    const auto theirs = date_of(response);
    if (theirs) boot_us_ = theirs->us - world_.monotonic().us;
}

std::optional<WallTime> FollowedClock::told_now() const {
    const std::int64_t boot = boot_us_;
    if (boot == kNotHeard) return std::nullopt;
    return WallTime{boot + world_.monotonic().us};
}

Result<std::optional<http::BodySource>> open_body(const std::string& file) {
    if (file.empty()) return std::optional<http::BodySource>();
    std::error_code failed;
    const std::uintmax_t size = std::filesystem::file_size(file, failed);
    if (failed) return not_found("the file " + file + " is gone");
    auto source = http::file_range_source(file, 0, size);
    if (!source) return source.error();
    return std::optional(std::move(*source));
}

Duration RepeatedCall::draw_delay(Duration previous) {
    RandomStream stream(++draws_ ^ static_cast<std::uint64_t>(world_.monotonic().us), "s3-delay");
    const std::int64_t high = std::min(previous * 3, kDelayMax).us;
    return microseconds(stream.between(kDelayMin.us, std::max(high, kDelayMin.us)));
}

RemoteResult RepeatedCall::run(const Send& send, const Judge& judge) {
    Duration delay = kDelayMin;
    bool maybe_sent = false;
    for (int i = 1;; ++i) {
        const bool is_repeated = maybe_sent;
        auto response = send(maybe_sent);
        bool again = false;
        RemoteRefusal refusal;
        Duration asked;
        if (!response) {
            again = is_broken_transport(response.error());
            refusal.error = response.error();
            // Nothing is known of it, as of one whose connection broke.
            if (refusal.error.code == ErrorCode::kCancelled)
                refusal.error = unavailable("broken off, since the server is stopping");
        } else {
            auto judged = judge(*response, again);
            if (!judged) return RemoteAnswer{std::move(*response), is_repeated};
            refusal = std::move(*judged);
            asked = std::min(http::retry_after(response->headers), kRetryAfterMax);
            if (again) maybe_sent = true;  // a gateway's 500 says nothing of what stood behind it
        }
        refusal.is_repeated = is_repeated;
        if (!again || i >= tries_) return tl::unexpected(std::move(refusal));
        log_warn("storage.again", {{"why", refusal.error.message}, {"try", std::to_string(i)}});
        delay = draw_delay(delay);
        if (wait_) wait_(std::max(delay, asked));
    }
}

}  // namespace herder::remote
