#include "vastsim/query.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace herder::vastsim {

namespace {

using NamedOperator = std::pair<std::string_view, FilterOperator>;
constexpr std::array kOperators = {
    NamedOperator{"eq", FilterOperator::kEqual},
    NamedOperator{"neq", FilterOperator::kNotEqual},
    NamedOperator{"gt", FilterOperator::kGreater},
    NamedOperator{"gte", FilterOperator::kGreaterEqual},
    NamedOperator{"lt", FilterOperator::kLess},
    NamedOperator{"lte", FilterOperator::kLessEqual},
    NamedOperator{"in", FilterOperator::kIn},
    NamedOperator{"notin", FilterOperator::kNotIn},
};

// Names that the server accepts for another field, and what their value is multiplied by.
struct Alias {
    std::string_view from;
    std::string_view to;
    int factor;
};
constexpr std::array kAliases = {
    Alias{"reliability2", "reliability", 1},
    Alias{"dphtotal", "dph_total", 1},
    Alias{"gpu_totalram", "gpu_total_ram", 1},
    Alias{"gpu_totalram_GB", "gpu_total_ram", 1000},
    Alias{"cpu_ram_GB", "cpu_ram", 1000},
    Alias{"gpu_ram_GB", "gpu_ram", 1000},
    Alias{"ubuntu_version", "os_version", 1},
    Alias{"driver_version", "driver_vers", 1},
    Alias{"target_reliability", "expected_reliability", 1},
};

constexpr std::array<std::string_view, 10> kIgnoredKeys = {
    "disable_bundling",  "extra_ids",   "gpu_option",
    "show_incompatible", "sort_option", "template_id",
    "select_cols",       "q",           "owner",
    "client_id"};

std::optional<FilterOperator> operator_of(std::string_view name) {
    for (const auto& [text, op] : kOperators) {
        if (text == name) return op;
    }
    return std::nullopt;
}

bool truth(const Json& value) {
    if (const bool* flag = value.if_bool()) return *flag;
    if (const std::string* text = value.if_string()) {
        return *text == "true" || *text == "True" || *text == "1";
    }
    const Result<double> number = value.to_number();
    return number && *number != 0;
}

// -1, 0, 1; nothing when the two cannot be compared.
std::optional<int> compare(const Json& actual, const Json& wanted) {
    if (actual.is_null() || wanted.is_null()) {
        if (actual.is_null() && wanted.is_null()) return 0;
        const Json& other = actual.is_null() ? wanted : actual;
        if (other.if_bool() && !truth(other)) return 0;  // null counts as false
        return std::nullopt;
    }
    if (actual.if_bool() || wanted.if_bool()) {
        return static_cast<int>(truth(actual)) - static_cast<int>(truth(wanted));
    }
    if (actual.is_number() || wanted.is_number()) {
        const Result<double> a = actual.to_number();
        const Result<double> b = wanted.to_number();
        if (!a || !b) return std::nullopt;
        return *a < *b ? -1 : (*a > *b ? 1 : 0);
    }
    if (!actual.if_string() || !wanted.if_string()) return std::nullopt;
    const int order = actual.if_string()->compare(*wanted.if_string());
    return order < 0 ? -1 : (order > 0 ? 1 : 0);
}

Json scaled(const Json& value, int factor) {
    if (factor == 1) return value;
    const Result<double> number = value.to_number();
    return number ? Json(*number * factor) : value;
}

Status add_filters(std::vector<Filter>& out, std::string field, const Json& conditions) {
    int factor = 1;
    for (const Alias& alias : kAliases) {
        if (field != alias.from) continue;
        field = alias.to;
        factor = alias.factor;
        break;
    }
    const Json::Object* object = conditions.if_object();
    if (object == nullptr) {
        // A bare value means equality, except for the floor of target_reliability.
        const bool floor = field == "expected_reliability";
        out.push_back({field,
                       floor ? FilterOperator::kGreaterEqual : FilterOperator::kEqual,
                       {scaled(conditions, factor)}});
        return ok();
    }
    for (const auto& [name, value] : *object) {
        const auto op = operator_of(name);
        if (!op) return invalid("invalid_request " + name + " is not a valid search op");
        Filter filter{field, *op, {}};
        if (const Json::Array* array = value.if_array()) {
            for (const Json& element : *array)
                filter.values.push_back(scaled(element, factor));
        } else {
            filter.values.push_back(scaled(value, factor));
        }
        out.push_back(std::move(filter));
    }
    return ok();
}

Status add_order(SearchQuery& query, const Json& value) {
    const Json::Array* list = value.if_array();
    if (list == nullptr) return invalid("invalid_request order must be a list");
    for (const Json& entry : *list) {
        const Json::Array* pair = entry.if_array();
        if (pair == nullptr || pair->empty() || !pair->front().if_string()) {
            return invalid("invalid_request order must be a list of [field, direction]");
        }
        const std::string* direction = pair->size() > 1 ? (*pair)[1].if_string() : nullptr;
        query.order.push_back(
            {*pair->front().if_string(), direction != nullptr && *direction == "desc"});
    }
    return ok();
}

// True when `key` is a control key of the search rather than a filter.
Result<bool> take_control_key(SearchQuery& query, const std::string& key, const Json& value) {
    if (key == "type") {
        const std::string* type = value.if_string();
        query.bid = type != nullptr && *type == "bid";
    } else if (key == "order") {
        if (const Status added = add_order(query, value); !added) return added.error();
    } else if (key == "limit") {
        if (value.is_null()) return true;
        const auto limit = value.to_integer();
        if (!limit) return invalid("invalid_request limit must be a number");
        query.limit = *limit;
    } else if (key == "allocated_storage") {
        if (value.is_null()) return true;
        const auto gb = value.to_number();
        if (!gb || *gb < 0 || *gb > 1e6) return invalid("invalid_request allocated_storage");
        query.allocated_milli_gb = static_cast<std::int64_t>(std::llround(*gb * 1000));
        query.storage_filter = true;
    } else {
        return std::find(kIgnoredKeys.begin(), kIgnoredKeys.end(), key) != kIgnoredKeys.end();
    }
    return true;
}

bool has_filter(const SearchQuery& query, std::string_view field) {
    return std::any_of(query.filters.begin(), query.filters.end(),
                       [field](const Filter& f) { return f.field == field; });
}

}  // namespace

bool matches(const Filter& filter, const Json& actual) {
    const auto equals_any = [&] {
        return std::any_of(filter.values.begin(), filter.values.end(),
                           [&](const Json& v) { return compare(actual, v) == 0; });
    };
    if (filter.op == FilterOperator::kIn || filter.op == FilterOperator::kEqual) {
        return equals_any();
    }
    if (filter.op == FilterOperator::kNotIn || filter.op == FilterOperator::kNotEqual) {
        return !equals_any();
    }
    if (filter.values.empty()) return false;
    const auto order = compare(actual, filter.values.front());
    if (!order) return false;
    switch (filter.op) {
        case FilterOperator::kGreater:
            return *order > 0;
        case FilterOperator::kGreaterEqual:
            return *order >= 0;
        case FilterOperator::kLess:
            return *order < 0;
        case FilterOperator::kLessEqual:
            return *order <= 0;
        case FilterOperator::kEqual:
        case FilterOperator::kNotEqual:
        case FilterOperator::kIn:
        case FilterOperator::kNotIn:
            return false;
    }
    return false;
}

bool less(const Json& a, const Json& b) {
    if (a.is_null() || b.is_null()) return a.is_null() && !b.is_null();
    return compare(a, b).value_or(0) < 0;
}

Result<std::vector<Filter>> parse_filters(const Json& object) {
    const Json::Object* members = object.if_object();
    if (members == nullptr) return invalid("filters must be an object");
    std::vector<Filter> filters;
    for (const auto& [field, conditions] : *members) {
        if (const Status added = add_filters(filters, field, conditions); !added) {
            return added.error();
        }
    }
    return filters;
}

Result<SearchQuery> parse_search(const Json& body) {
    const Json::Object* members = body.if_object();
    if (members == nullptr) return invalid("Invalid json body");
    SearchQuery query;
    for (const auto& [key, value] : *members) {
        const Result<bool> control = take_control_key(query, key, value);
        if (!control) return control.error();
        if (*control) continue;
        if (const Status added = add_filters(query.filters, key, value); !added) {
            return added.error();
        }
    }
    // Server defaults when absent (vast-api 2.1).
    if (!has_filter(query, "verified")) {
        query.filters.push_back({"verified", FilterOperator::kEqual, {Json(true)}});
    }
    if (!has_filter(query, "rentable")) {
        query.filters.push_back({"rentable", FilterOperator::kEqual, {Json(true)}});
    }
    if (!has_filter(query, "rented")) {
        query.filters.push_back({"rented", FilterOperator::kEqual, {Json(false)}});
    }
    // What excludes most offers is asked first: filters are ANDed, their order means nothing.
    const auto cost = [](const Filter& f) {
        return f.field == "rentable" || f.field == "num_gpus" || f.field == "gpu_name" ? 0 : 1;
    };
    std::sort(query.filters.begin(), query.filters.end(),
              [&](const Filter& a, const Filter& b) { return cost(a) < cost(b); });
    return query;
}

}  // namespace herder::vastsim
