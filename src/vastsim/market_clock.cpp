#include "vastsim/market_clock.h"

namespace herder::vastsim {

namespace {

template <typename Span>
Duration to_duration(Span span) {
    return microseconds(std::chrono::duration_cast<std::chrono::microseconds>(span).count());
}

}  // namespace

Duration scaled_elapsed(Duration elapsed, std::int64_t scale_milli) {
    return microseconds(elapsed.us / 1000 * scale_milli + elapsed.us % 1000 * scale_milli / 1000);
}

MarketClock::MarketClock(std::int64_t scale_milli)
    : scale_milli_(scale_milli),
      start_(std::chrono::steady_clock::now()),
      wall_{to_duration(std::chrono::system_clock::now().time_since_epoch()).us} {}

WallTime MarketClock::now() const {
    return wall_ +
           scaled_elapsed(to_duration(std::chrono::steady_clock::now() - start_), scale_milli_);
}

}  // namespace herder::vastsim
