// POST|GET /api/v0/bundles/ and PUT|GET /api/v0/search/asks/ (vast-api 2.1).
#include <algorithm>
#include <array>

#include "vastsim/offer_view.h"
#include "vastsim/query.h"
#include "vastsim/route.h"
#include "vastsim/search.h"

namespace herder::vastsim {

namespace {

bool passes(const SearchQuery& query, const Offer& offer) {
    const bool kept =
        std::all_of(query.filters.begin(), query.filters.end(), [&](const Filter& filter) {
            return matches(filter, search_value(offer, filter.field).value_or(Json()));
        });
    const bool fits =
        !query.storage_filter || offer.disk_free_gb * 1000 >= query.allocated_milli_gb;
    return kept && fits;
}

void sort_offers(std::vector<Offer>& rows, std::vector<OrderBy> order) {
    if (order.empty()) order.push_back({"score", true});
    struct Keyed {
        std::vector<Json> keys;
        const Offer* offer;
    };
    std::vector<Keyed> keyed;
    keyed.reserve(rows.size());
    for (const Offer& row : rows) {
        Keyed one{{}, &row};
        for (const OrderBy& by : order)
            one.keys.push_back(search_value(row, by.field).value_or(Json()));
        keyed.push_back(std::move(one));
    }
    std::sort(keyed.begin(), keyed.end(), [&](const Keyed& a, const Keyed& b) {
        for (std::size_t i = 0; i < order.size(); ++i) {
            if (less(a.keys[i], b.keys[i])) return !order[i].descending;
            if (less(b.keys[i], a.keys[i])) return order[i].descending;
        }
        return a.offer->ask.id < b.offer->ask.id;
    });
    std::vector<Offer> sorted;
    sorted.reserve(rows.size());
    for (const Keyed& one : keyed)
        sorted.push_back(*one.offer);
    rows = std::move(sorted);
}

std::size_t rows_shown(const SearchQuery& query, std::uint64_t cap, std::size_t found) {
    std::size_t limit = found;
    if (query.limit && *query.limit >= 0) {
        limit = std::min(limit, static_cast<std::size_t>(*query.limit));
    }
    return cap > 0 ? std::min<std::size_t>(limit, cap) : limit;
}

std::vector<std::string> columns_of(const Json* columns) {
    std::vector<std::string> names;
    const Json::Array* list = columns ? columns->if_array() : nullptr;
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
        const std::string* name = (*list)[i].if_string();
        if (name == nullptr || *name == "*") return {};
        names.push_back(*name);
    }
    return names;
}

ApiReply search(Call& call, const Json& wanted, const std::vector<std::string>& columns) {
    const Result<SearchQuery> query = parse_search(wanted);
    if (!query) return failure(400, "invalid_request", query.error().message);
    const Result<std::vector<Offer>> found = find_offers(call.state, *query);
    if (!found) return failure(400, "invalid_request", found.error().message);
    FaultTable& faults = call.market.faults();
    Json offers = Json::array();
    const std::size_t shown =
        rows_shown(*query, call.market.scenario().search_row_cap, found->size());
    for (std::size_t i = 0; i < shown; ++i) {
        Json row = offer_row((*found)[i], columns);
        if (faults.strikes("search_end_text")) {
            if (const Json* end = row.find("end_date")) row.set("end_date", end->to_text());
        }
        offers.push(std::move(row));
    }
    Json reply;
    reply.set("offers", std::move(offers));
    ApiReply answer = json_reply(200, reply);
    if (faults.strikes("search_slow")) answer.delay = seconds(faults.amount_of("search_slow", 20));
    return answer;
}

ApiReply search_body(Call& call) {
    return search(call, call.body, {});
}

// The newer form wraps the same query: {"select_cols":["*"],"q":{...}}.
ApiReply search_asks(Call& call) {
    const Json* q = call.find("q");
    return search(call, q ? *q : call.body, columns_of(call.find("select_cols")));
}

ApiReply search_query(Call& call) {
    const std::string q = call.query("q");
    const Result<Json> wanted = parse_json(q.empty() ? "{}" : q);
    if (!wanted) return failure(400, "invalid_request", "Invalid json body");
    return search(call, *wanted, {});
}

constexpr std::array kRoutes = {
    Route{"POST", "/api/v0/bundles/", "misc", search_body},
    Route{"GET", "/api/v0/bundles/", "misc", search_query},
    Route{"PUT", "/api/v0/search/asks/", "misc", search_asks},
    Route{"GET", "/api/v0/search/asks/", "misc", search_query},
};

}  // namespace

Result<std::vector<Offer>> find_offers(ApiState& state, const SearchQuery& query) {
    Market& market = state.market;
    FaultTable& faults = market.faults();
    const Scenario& scenario = market.scenario();
    for (const Filter& filter : query.filters) {
        if (is_search_field(filter.field)) continue;
        return invalid("Error in query parameters: " + filter.field + " is not a valid search key");
    }
    std::vector<Offer> rows;
    // Ordinary searches show only a subset of the market (vast-api Q22).
    const bool sampled = query.order.empty() && scenario.search_sample_per_million < 1'000'000;
    for (Offer& offer : market.offers(query.bid, query.allocated_milli_gb)) {
        offer.score_noise = 0.9 + 0.2 * state.score_noise.unit();
        offer.with_nulls = scenario.search_nulls;
        if (!offer.rentable && faults.strikes("search_gone")) offer.rentable = true;
        const bool kept = passes(query, offer);
        if (sampled && !state.score_noise.chance_per_million(scenario.search_sample_per_million)) {
            continue;
        }
        const bool slips = !kept && offer.rentable && faults.strikes("search_unfiltered");
        if (kept || slips) rows.push_back(offer);
    }
    sort_offers(rows, query.order);
    return rows;
}

std::span<const Route> search_routes() {
    return kRoutes;
}

}  // namespace herder::vastsim
