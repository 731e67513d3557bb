#pragma once
// Filters and ordering of the search and of the instance list, over named fields. Knows operators
// and coercions (vast-api 2.1), not where the values come from.
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "vastsim/value_json.h"

namespace herder::vastsim {

enum class FilterOperator {
    kEqual,
    kNotEqual,
    kGreater,
    kGreaterEqual,
    kLess,
    kLessEqual,
    kIn,
    kNotIn
};

struct Filter {
    std::string field;
    FilterOperator op = FilterOperator::kEqual;
    std::vector<Json> values;
};

struct OrderBy {
    std::string field;
    bool descending = false;
};

struct SearchQuery {
    std::vector<Filter> filters;
    std::vector<OrderBy> order;
    std::optional<std::int64_t> limit;
    bool bid = false;
    std::int64_t allocated_milli_gb = 8'000;  // documented default: 8 GB
    bool storage_filter = false;              // allocated_storage was given
};

bool matches(const Filter& filter, const Json& actual);
// Nulls first, then false < true, numbers, texts.
bool less(const Json& a, const Json& b);

// {"field": {"op": value, ...}, ...} without control keys.
Result<std::vector<Filter>> parse_filters(const Json& object);
// The body of POST /bundles/.
Result<SearchQuery> parse_search(const Json& body);

}  // namespace herder::vastsim
