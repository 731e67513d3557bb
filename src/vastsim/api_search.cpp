// POST /api/v0/bundles/ (vast-api 2.1).
#include <algorithm>

#include "vastsim/api.h"
#include "vastsim/offer_view.h"
#include "vastsim/query.h"

namespace herder::vastsim {

namespace {

struct Row {
    Offer offer;
    Json json;
};

// Nothing when all filters hold; otherwise false, or the name of an unknown field.
Result<bool> passes(const SearchQuery& query, const Row& row) {
    for (const Filter& filter : query.filters) {
        const auto value = search_value(row.offer, row.json, filter.field);
        if (!value) {
            return invalid("Error in query parameters: " + filter.field +
                           " is not a valid search key");
        }
        if (!matches(filter, *value)) return false;
    }
    return !query.storage_filter || row.offer.disk_free_gb * 1000 >= query.allocated_milli_gb;
}

void sort_rows(std::vector<Row>& rows, std::vector<OrderBy> order) {
    if (order.empty()) order.push_back({"score", true});
    std::sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
        for (const OrderBy& by : order) {
            const Json* left = a.json.find(by.field);
            const Json* right = b.json.find(by.field);
            if (left == nullptr || right == nullptr) continue;
            if (less(*left, *right)) return !by.descending;
            if (less(*right, *left)) return by.descending;
        }
        return a.offer.ask.id < b.offer.ask.id;
    });
}

}  // namespace

ApiReply Api::search(const ApiRequest& request) {
    const Result<Json> body = parse_json(request.body.empty() ? "{}" : request.body);
    if (!body) return failure(400, "invalid_request", "Invalid json body");
    const Result<SearchQuery> query = parse_search(*body);
    if (!query) return failure(400, "invalid_request", query.error().message);

    std::vector<Row> rows;
    for (const Offer& offer : market_.offers(query->bid, query->allocated_milli_gb)) {
        // The server's ranking contains a random component (vast-api Q22).
        Row row{offer, offer_row(offer, 0.9 + 0.2 * score_noise_.unit())};
        const Result<bool> kept = passes(*query, row);
        if (!kept) return failure(400, "invalid_request", kept.error().message);
        if (*kept) rows.push_back(std::move(row));
    }
    sort_rows(rows, query->order);
    std::size_t limit = rows.size();
    if (query->limit && *query->limit >= 0) {
        limit = std::min(limit, static_cast<std::size_t>(*query->limit));
    }
    if (const std::uint64_t cap = market_.scenario().search_row_cap; cap > 0) {
        limit = std::min<std::size_t>(limit, cap);
    }
    Json offers = Json::array();
    for (std::size_t i = 0; i < limit; ++i)
        offers.push(std::move(rows[i].json));
    Json reply;
    reply.set("offers", std::move(offers));
    return json_reply(200, reply);
}

}  // namespace herder::vastsim
