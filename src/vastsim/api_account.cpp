// The account: credit and charges (vast-api 2.17, 2.18).
#include <algorithm>
#include <array>
#include <cstdio>

#include "base/bytes.h"
#include "vastsim/api.h"
#include "vastsim/charge_view.h"

namespace herder::vastsim {

namespace {

constexpr std::int64_t kChargesDefault = 100;
constexpr std::int64_t kChargesMost = 500;

struct DayRange {
    std::int64_t first = 0;
    std::int64_t last = 0;
    bool instances = true;
};

// {"day":{"gte":epoch,"lte":epoch},"type":{"in":[...]}}; days are taken whole.
std::optional<DayRange> read_range(const ApiRequest& request) {
    const auto found = request.query.find("select_filters");
    if (found == request.query.end()) return std::nullopt;
    const Result<Json> json = parse_json(found->second);
    const Json* day = json ? json->find("day") : nullptr;
    const Json* first = day ? day->find("gte") : nullptr;
    const Json* last = day ? day->find("lte") : nullptr;
    if (first == nullptr || last == nullptr) return std::nullopt;
    const Result<double> from = first->to_number();
    const Result<double> until = last->to_number();
    if (!from || !until) return std::nullopt;
    DayRange range{static_cast<std::int64_t>(*from / 86'400.0),
                   static_cast<std::int64_t>(*until / 86'400.0), true};
    if (const Json* type = json->find("type")) {
        const Json* in = type->find("in");
        const Json::Array* types = in ? in->if_array() : nullptr;
        range.instances =
            types == nullptr || std::any_of(types->begin(), types->end(),
                                            [](const Json& t) { return t == Json("instance"); });
    }
    return range;
}

std::int64_t integer_of(const ApiRequest& request, const char* key, std::int64_t otherwise) {
    const auto found = request.query.find(key);
    if (found == request.query.end()) return otherwise;
    return Json(found->second).to_integer().value_or(otherwise);
}

}  // namespace

ApiReply Api::current_user() {
    Json user;
    user.set("id", 123456).set("key_id", 987).set("username", "acme");
    user.set("email", "ops@acme.example").set("credit", market_.credit()).set("balance", 0);
    user.set("balance_threshold", 10.0).set("balance_threshold_enabled", true);
    user.set("autobill_threshold", 5.0).set("autobill_amount", 0.0);
    user.set("ssh_key", "ssh-ed25519 AAAA vastsim").set("sid", "").set("tfa_enabled", false);
    return json_reply(200, user);
}

ApiReply Api::charges(const ApiRequest& request) {
    const auto range = read_range(request);
    if (!range) {
        return failure(400, "invalid_request",
                       "Must provide both 'day' gte and lte filters for instance charges");
    }
    std::vector<ChargeRow> rows;
    if (range->instances) rows = market_.charges(range->first, range->last);
    std::sort(rows.begin(), rows.end(), [](const ChargeRow& a, const ChargeRow& b) {
        return std::pair(a.day, a.contract) < std::pair(b.day, b.contract);
    });
    const auto latest = request.query.find("latest_first");
    if (latest == request.query.end() || latest->second != "false") {
        std::reverse(rows.begin(), rows.end());
    }
    const std::int64_t limit =
        std::clamp<std::int64_t>(integer_of(request, "limit", kChargesDefault), 1, kChargesMost);
    std::int64_t offset = 0;
    if (const auto token = request.query.find("after_token"); token != request.query.end()) {
        const Result<std::string> text = from_base64url(token->second);
        const Result<std::int64_t> at = text ? Json(*text).to_integer() : text.error();
        if (!at || *at < 0) return failure(400, "invalid_token", "Invalid pagination token");
        offset = *at;
    }
    const auto total = static_cast<std::int64_t>(rows.size());
    Json results = Json::array();
    const std::int64_t end = std::min(total, offset + limit);
    for (std::int64_t i = offset; i < end; ++i)
        results.push(charge_json(rows[static_cast<std::size_t>(i)]));
    Json body;
    body.set("success", true).set("count", results.if_array()->size()).set("total", total);
    body.set("next_token", end < total ? Json(to_base64url(std::to_string(end))) : Json());
    body.set("results", std::move(results));
    return json_reply(200, body);
}

}  // namespace herder::vastsim
