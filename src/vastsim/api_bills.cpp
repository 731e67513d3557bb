// Charges and invoices (vast-api 2.18, 2.19).
#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "vastsim/charge_view.h"
#include "vastsim/route.h"

namespace herder::vastsim {

namespace {

constexpr std::int64_t kChargesDefault = 100;
constexpr std::int64_t kChargesMost = 500;
constexpr std::int64_t kInvoicesDefault = 60;

struct Range {
    double from = 0;
    double until = 0;
};

// {"NAME": {"gte": epoch, "lte": epoch}}
std::optional<Range> range_in(const Json& filters, std::string_view name) {
    const Json* field = filters.find(name);
    const Json* first = field ? field->find("gte") : nullptr;
    const Json* last = field ? field->find("lte") : nullptr;
    if (first == nullptr || last == nullptr) return std::nullopt;
    const Result<double> from = first->to_number();
    const Result<double> until = last->to_number();
    if (!from || !until) return std::nullopt;
    return Range{*from, *until};
}

Json filters_of(const Call& call) {
    const std::string text = call.query("select_filters");
    return parse_json(text.empty() ? "{}" : text).value_or(Json::object());
}

bool wants_type(const Json& filters, const char* type) {
    const Json* field = filters.find("type");
    const Json* in = field ? field->find("in") : nullptr;
    const Json* eq = field ? field->find("eq") : nullptr;
    if (eq != nullptr) return *eq == Json(type);
    const Json::Array* types = in ? in->if_array() : nullptr;
    return types == nullptr || std::find(types->begin(), types->end(), Json(type)) != types->end();
}

// A page of `rows` from `after_token` on, in the envelope of both endpoints.
ApiReply page_of(const Call& call, const std::vector<Json>& rows, std::int64_t otherwise,
                 std::int64_t most) {
    const std::int64_t wanted = Json(call.query("limit")).to_integer().value_or(otherwise);
    const std::int64_t limit = std::clamp<std::int64_t>(wanted, 1, most);
    std::int64_t offset = 0;
    if (const std::string token = call.query("after_token"); !token.empty()) {
        const Result<std::string> text = from_base64url(token);
        const Result<std::int64_t> at = text ? Json(*text).to_integer() : text.error();
        if (!at || *at < 0) return failure(400, "invalid_token", "Invalid pagination token");
        offset = *at;
    }
    const auto total = static_cast<std::int64_t>(rows.size());
    const std::int64_t end = std::min(total, offset + limit);
    Json results = Json::array();
    for (std::int64_t i = offset; i < end; ++i)
        results.push(rows[static_cast<std::size_t>(i)]);
    Json body;
    body.set("success", true).set("count", results.if_array()->size()).set("total", total);
    body.set("next_token", end < total ? Json(to_base64url(std::to_string(end))) : Json());
    body.set("results", std::move(results));
    return json_reply(200, body);
}

// Days are taken whole.
ApiReply charges(Call& call) {
    const Json filters = filters_of(call);
    const auto range = range_in(filters, "day");
    if (!range) {
        return failure(400, "invalid_request",
                       "Must provide both 'day' gte and lte filters for instance charges");
    }
    std::vector<ChargeRow> rows =
        call.market.charges(static_cast<std::int64_t>(range->from / 86'400.0),
                            static_cast<std::int64_t>(range->until / 86'400.0));
    std::erase_if(rows, [&](const ChargeRow& row) {
        return !wants_type(filters, row.is_volume ? "volume" : "instance");
    });
    std::sort(rows.begin(), rows.end(), [](const ChargeRow& a, const ChargeRow& b) {
        return std::pair(a.day, a.contract) < std::pair(b.day, b.contract);
    });
    const std::string latest_first = call.query("latest_first");
    if (latest_first != "false" && latest_first != "False") std::reverse(rows.begin(), rows.end());
    std::vector<Json> out;
    for (const ChargeRow& row : rows)
        out.push_back(charge_json(row));
    return page_of(call, out, kChargesDefault, kChargesMost);
}

Json invoice_row(const Invoice& invoice) {
    Json metadata;
    metadata.set("invoice_id", invoice.id).set("service", invoice.service);
    Json row;
    row.set("start", invoice.when).set("end", nullptr).set("type", invoice.type);
    row.set("source", invoice.service).set("description", invoice.description);
    row.set("amount", invoice.amount).set("metadata", std::move(metadata));
    row.set("items", Json::array());
    return row;
}

bool wants_service(const Json& filters, const Invoice& invoice) {
    const Json* field = filters.find("service");
    const Json* in = field ? field->find("in") : nullptr;
    const Json* eq = field ? field->find("eq") : nullptr;
    if (eq != nullptr) return *eq == Json(invoice.service);
    const Json::Array* list = in ? in->if_array() : nullptr;
    return list == nullptr ||
           std::find(list->begin(), list->end(), Json(invoice.service)) != list->end();
}

// A wrong range is 200 with success:false (vast-api Q55).
ApiReply invoices(Call& call) {
    const Json filters = filters_of(call);
    const auto range = range_in(filters, "when");
    if (!range || range->from > range->until) {
        Json body;
        body.set("success", false).set("error", "Invalid date range").set("count", 0);
        body.set("total", 0).set("results", Json::array()).set("next_token", nullptr);
        return json_reply(200, body);
    }
    std::vector<Invoice> rows = call.market.invoices();
    std::erase_if(rows, [&](const Invoice& invoice) {
        const double when = static_cast<double>(invoice.when.us) / 1e6;
        return when < range->from || when > range->until || !wants_service(filters, invoice);
    });
    const std::string latest_first = call.query("latest_first");
    if (latest_first != "false" && latest_first != "False") std::reverse(rows.begin(), rows.end());
    std::vector<Json> out;
    for (const Invoice& invoice : rows)
        out.push_back(invoice_row(invoice));
    return page_of(call, out, kInvoicesDefault, kChargesMost);
}

// The legacy form, with the charges so far as rows where asked for.
ApiReply invoices_old(Call& call) {
    Json rows = Json::array();
    for (const Invoice& invoice : call.market.invoices()) {
        Json row;
        row.set("id", invoice.id).set("type", invoice.amount.micros < 0 ? "payment" : "charge");
        row.set("timestamp", invoice.when).set("description", invoice.description);
        row.set("amount", Usd{std::abs(invoice.amount.micros)}).set("quantity", 1).set("rate", 1);
        row.set("service", invoice.service).set("is_credit", invoice.amount.micros < 0);
        rows.push(std::move(row));
    }
    const std::string wanted = call.query("inc_charges");
    const std::int64_t today = call.market.now().day();
    const bool with_charges = !wanted.empty() && wanted != "false" && wanted != "0";
    for (const ChargeRow& charge :
         with_charges ? call.market.charges(today - 365, today) : std::vector<ChargeRow>()) {
        Json row;
        row.set("id", charge.contract).set("type", "charge").set("instance_id", charge.contract);
        row.set("timestamp", WallTime{charge.day * days(1).us});
        row.set("description", *charge_json(charge).find("description"));
        row.set("amount", billed(charge.charges).total()).set("quantity", 1).set("rate", 1);
        row.set("is_credit", false);
        rows.push(std::move(row));
    }
    Json current;
    current.set("charges", call.market.spent()).set("service_fee", 0);
    current.set("total", call.market.spent()).set("credit", call.market.credit());
    Json body;
    body.set("invoices", std::move(rows)).set("current", std::move(current));
    return json_reply(200, body);
}

constexpr std::array kRoutes = {
    Route{"GET", "/api/v0/charges/", "billing_read", charges},
    Route{"GET", "/api/v1/invoices/", "billing_read", invoices},
    Route{"GET", "/api/v0/users/me/invoices/", "billing_read", invoices_old, "", true},
    Route{"GET", "/api/v0/users/{id}/invoices/", "billing_read", invoices_old, "", true},
    Route{"GET", "/api/v0/invoices/", "billing_read", invoices_old, "", true},
};

}  // namespace

std::span<const Route> bill_routes() {
    return kRoutes;
}

}  // namespace herder::vastsim
