#pragma once
// Pieces that several views share. Private to the *_json.cpp files of api/.
#include <algorithm>
// tidy:allow heavy-include shared by the json views of this folder
#include <boost/json.hpp>
#include <string>

#include "api/query_reader.h"
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

// Names the items of a list by one of their members, text or a number.
struct Member {
    const char* key;
    std::string operator()(const boost::json::object& item) const {
        const boost::json::value& member = item.at(key);
        return member.is_string() ? std::string(member.as_string())
                                  : boost::json::serialize(member);
    }
};
// The wanted part of a list, in the form that all lists have. `name` of an item, unique in its
// list, is the cursor. kInvalid for a cursor that names none of the items.
template <class Name>
Result<boost::json::object> page_of(boost::json::array items, const Page& page, const Name& name) {
    auto* from = items.begin();
    if (!page.cursor.empty()) {
        while (from != items.end() && name(from->as_object()) != page.cursor)
            ++from;
        if (from == items.end()) {
            return invalid("cursor '" + page.cursor +
                           "' is not in this list any more; begin again without a cursor");
        }
        ++from;
    }
    const auto left = static_cast<std::size_t>(items.end() - from);
    const std::size_t count = std::min(left, page.limit);
    boost::json::array part(from, from + count);
    boost::json::value next = nullptr;
    if (count < left) next = boost::json::string(name(part.back().as_object()));
    return boost::json::object{{"items", std::move(part)}, {"next_cursor", std::move(next)}};
}
template <class Name>
Result<std::string> page_text(boost::json::array items, const Page& page, const Name& name) {
    const Result<boost::json::object> list = page_of(std::move(items), page, name);
    if (!list) return list.error();
    return boost::json::serialize(*list);
}

// The two columns of one machine's cost.
struct Columns {
    Usd accrued;
    Usd charged;
};
inline Columns columns_of(const State& state, const Intent& intent, Instant now) {
    return {accrued(intent, now), intent.contract ? state.ledger.charged(intent.contract) : Usd{}};
}

// The members that name a rented machine and its cost; null where there is none.
inline void add_machine(const State& state, const Intent* rented, Instant now,
                        boost::json::object& out) {
    if (rented == nullptr) {
        for (const char* key : {"intent", "contract", "machine", "gpu", "market", "boot",
                                "price_per_hour", "cost", "charged"})
            out[key] = nullptr;
        return;
    }
    const Intent& intent = *rented;
    const Columns cost = columns_of(state, intent, now);
    out["intent"] = to_text(intent.id);
    out["contract"] = intent.contract.value;
    out["machine"] = intent.offer.machine;
    out["gpu"] = gpu_text(intent.offer);
    out["market"] = intent.bid.micros > 0 ? "spot" : "on-demand";
    out["boot"] = to_string(intent.boot);
    out["price_per_hour"] = rate(total_rate(intent));
    out["cost"] = money(cost.accrued);
    out["charged"] = money(cost.charged);
}

}  // namespace herder::api
