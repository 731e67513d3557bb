#include "adapters/providers/vast/invoices_json.h"

#include <boost/json.hpp>

#include "adapters/http/url.h"
#include "adapters/providers/vast/fields_json.h"

namespace herder::vast {

namespace {

namespace json = boost::json;

constexpr std::int64_t kMicro = 1'000'000;
constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::int64_t kHourSeconds = 3'600;

std::optional<WallTime> time_of(const json::object& row, const char* name) {
    const auto micros = get_scaled(row, name, kMicro);
    if (!micros || *micros <= 0) return std::nullopt;
    return WallTime{*micros};
}

Invoice invoice_of(const json::object& row) {
    Invoice invoice;
    invoice.at = time_of(row, "start");
    invoice.kind = get_line(row, "type");
    invoice.description = get_line(row, "description");
    invoice.amount = Usd{get_scaled(row, "amount", kMicro).value_or(0)};
    const json::value* metadata = find_field(row, "metadata");
    if (metadata != nullptr && metadata->is_object()) {
        invoice.service = get_line(metadata->get_object(), "service");
    }
    return invoice;
}

// Dollars a second, with more digits than micros have: scaled to the hour in one step.
std::optional<UsdPerHour> hourly_of(const json::object& row, const char* name) {
    const auto micros = get_scaled(row, name, kMicro * kHourSeconds);
    if (!micros) return std::nullopt;
    return UsdPerHour{*micros};
}

}  // namespace

Result<InvoicePage> parse_invoices(std::string_view body) {
    InvoicePage page;
    Status read =
        read_rows(body, "results", "invoices", [&page](const json::object& row) -> Status {
            if (!get_scaled(row, "amount", kMicro)) {
                return Error{ErrorCode::kCorrupt, "the market lists an invoice without an amount"};
            }
            page.invoices.push_back(invoice_of(row));
            return ok();
        });
    if (!read) return read.error();
    read = read_object(body, "invoices", [&page](const json::object& object) {
        page.next_token = get_text(object, "next_token");
        return ok();
    });
    if (!read) return read.error();
    return page;
}

std::string invoices_target(std::int64_t from_day, std::int64_t to_day,
                            const std::string& after_token) {
    const json::object range{{"gte", from_day * kDaySeconds},
                             {"lte", (to_day + 1) * kDaySeconds - 1}};
    http::Query query;
    query.add("select_filters", json::serialize(json::object{{"when", range}}));
    query.add("limit", "60");
    if (!after_token.empty()) query.add("after_token", after_token);
    return "/api/v1/invoices/?" + query.text();
}

Result<PriceIncreases> parse_price_increases(std::string_view body) {
    PriceIncreases increases;
    const auto add = [&increases](const json::object& row) -> Status {
        PriceIncrease one;
        one.id = get_integer(row, "pending_price_increase_id").value_or(0);
        one.contract = {get_integer(row, "contract_id").value_or(0)};
        if (one.id <= 0 || one.contract.value <= 0) {
            return Error{ErrorCode::kCorrupt, "the market lists a price increase without ids"};
        }
        const auto before = hourly_of(row, "old_gpu_costpersec");
        const auto after = hourly_of(row, "new_gpu_costpersec");
        one.is_price_known = before && after;
        one.old_gpu_price = before.value_or(UsdPerHour{});
        one.new_gpu_price = after.value_or(UsdPerHour{});
        one.contract_ends = time_of(row, "contract_end_date");
        increases.rows.push_back(one);
        return ok();
    };
    Status read = read_rows(body, "pending_price_increases", "price increases", add);
    if (!read) return read.error();
    read = read_object(body, "price increases", [&increases](const json::object& object) {
        increases.is_cut_off = get_bool(object, "truncated").value_or(false);
        return ok();
    });
    if (!read) return read.error();
    return increases;
}

std::string encode_price_increase(std::int64_t id) {
    return json::serialize(json::object{{"pending_price_increase_id", id}});
}

}  // namespace herder::vast
