#pragma once
// Pieces that several views share. Private to the *_json.cpp files of api/.
// tidy:allow heavy-include shared by the json views of this folder
#include <boost/json.hpp>
#include <string>

#include "base/money.h"
#include "base/time.h"
#include "core/provisioner/intent.h"
#include "core/step/state.h"

namespace herder::api {

inline boost::json::value time_or_null(WallTime t) {
    if (t.us == 0) return nullptr;
    return boost::json::string(to_rfc3339(t));
}
inline boost::json::string money(Usd amount) {
    return boost::json::string(to_decimal(amount));
}
inline boost::json::string rate(UsdPerHour r) {
    return boost::json::string(to_decimal(r));
}

inline std::string gpu_text(const Offer& offer) {
    return std::to_string(offer.gpu_count) + "x " + offer.gpu_name;
}
inline UsdPerHour total_rate(const Intent& intent) {
    return intent.gpu_rate + intent.disk_rate;
}

// The two columns of one machine's cost.
struct Columns {
    Usd accrued;
    Usd charged;
};
inline Columns columns_of(const State& state, const Intent& intent, Instant now) {
    return {accrued(intent, now), intent.contract ? state.ledger.charged(intent.contract) : Usd{}};
}

}  // namespace herder::api
