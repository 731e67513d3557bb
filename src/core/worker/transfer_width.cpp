#include "core/worker/transfer_width.h"

#include <algorithm>

namespace herder {

namespace {

// A step that brings less than a twentieth is not worth its connections.
constexpr double kGain = 1.05;
constexpr int kRestRounds = 8;
// What was under way when the store first complained may complain too.
constexpr Duration kCalm = seconds(1);

}  // namespace

void TransferWidth::begin(Instant now) {
    measure_from(now);
}

void TransferWidth::measure_from(Instant now) {
    round_began_ = now;
    round_bytes_ = Bytes{};
    round_parts_ = 0;
}

void TransferWidth::arrived(Bytes size, Instant now) {
    round_bytes_.count += size.count;
    // As many parts as go at once: what was sent before the round evens out.
    if (++round_parts_ < width_) return;
    const Duration took = std::max(now - round_began_, microseconds(1));
    climb(static_cast<double>(round_bytes_.count) * 1e6 / static_cast<double>(took.us));
    measure_from(now);
}

void TransferWidth::climb(double rate) {
    if (before_ > 0 && rate < best_rate_ * kGain) {
        width_ = before_;
        before_ = 0;
        rest_ = kRestRounds;
        return;
    }
    best_rate_ = rate;
    before_ = 0;
    if (rest_ > 0) {
        --rest_;
        return;
    }
    if (width_ == limit_) return;
    before_ = width_;
    width_ = std::min(limit_, width_ + std::max(1, width_ / 4));
}

void TransferWidth::pushed_back(Instant now) {
    if (now < calm_from_) return;
    calm_from_ = now + kCalm;
    width_ = std::max(1, width_ / 2);
    before_ = 0;
    best_rate_ = 0;
    rest_ = kRestRounds;
    measure_from(now);
}

}  // namespace herder
