#include "adapters/providers/vast/requests_json.h"

#include <algorithm>
#include <boost/json.hpp>

#include "adapters/http/url.h"
#include "adapters/providers/vast/fields_json.h"
#include "core/market/gpu_names.h"

namespace herder::vast {

namespace {

namespace json = boost::json;

// Limits of the Vast.ai API reference, documentation snapshot of 2026-08-07.
constexpr std::int64_t kDiskMinGigabytes = 8;
constexpr std::size_t kImageLengthMax = 1024;
constexpr std::size_t kEnvKeyLengthMax = 256;
constexpr std::size_t kEnvTotalMax = 32'768;
constexpr std::int64_t kBidMinMicros = 1'000;
constexpr std::int64_t kBidMaxMicros = 128'000'000;
// Ours: labels of 60 characters are proven, and the combined argument limit was seen at 4,048.
constexpr std::size_t kLabelLengthMax = 60;
constexpr std::size_t kOnstartLengthMax = 4'000;
constexpr int kListPage = 25;
constexpr int kChargesPage = 100;

json::object filter(const char* operation, json::value value) {
    json::object out;
    out[operation] = std::move(value);
    return out;
}

std::string check_bid(UsdPerHour bid) {
    if (bid.micros >= kBidMinMicros && bid.micros <= kBidMaxMicros) return {};
    return "a bid of " + to_text(bid) + " is outside the market's $0.001/h to $128/h";
}

Status check(const CreateRequest& request) {
    const std::string what = "renting offer " + std::to_string(request.ask) + ": ";
    if (request.ask <= 0) return invalid(what + "it has no id");
    if (request.label.empty() || request.label.size() > kLabelLengthMax) {
        return invalid(what + "the label must have 1 to 60 characters");
    }
    if (request.image.empty() || request.image.size() > kImageLengthMax) {
        return invalid(what + "the image name must have 1 to 1,024 characters");
    }
    if (request.onstart.size() >= kOnstartLengthMax) {
        return invalid(what + "the start script has 4,000 characters or more");
    }
    std::size_t total = 0;
    for (const auto& [key, value] : request.env) {
        if (key.empty() || key.size() > kEnvKeyLengthMax) {
            return invalid(what + "a variable's name must have 1 to 256 characters");
        }
        total += key.size() + value.size();
    }
    if (total > kEnvTotalMax) return invalid(what + "the variables are larger than 32,768 bytes");
    if (request.bid > UsdPerHour{}) {
        if (const std::string fault = check_bid(request.bid); !fault.empty()) {
            return invalid(what + fault);
        }
    }
    return ok();
}

// With ssh and Jupyter the market's launcher runs onstart at every start of the container. With
// args the image's own entry point stays, unless onstart names another one: that is how the script
// becomes the machine's only process (as dstack's client does it, 2026).
void write_start(json::object& body, const CreateRequest& request) {
    switch (request.run_type) {
        case RunType::kSsh:
            body["runtype"] = "ssh";
            body["onstart"] = request.onstart;
            return;
        case RunType::kJupyter:
            body["runtype"] = "jupyter";
            body["onstart"] = request.onstart;
            return;
        case RunType::kCommand:
            body["runtype"] = "args";
            body["onstart"] = "/bin/sh";
            body["args"] = json::array{"-c", request.onstart, "herder", "fg"};
            return;
    }
}

}  // namespace

std::int64_t disk_gigabytes(Bytes disk) {
    return std::max(kDiskMinGigabytes, (disk.count + 999'999'999) / 1'000'000'000);
}

std::string encode_search(const OfferQuery& query, const SearchFrom& from) {
    json::object body;
    body["verified"] = filter("eq", true);
    body["external"] = filter("eq", false);
    body["rentable"] = filter("eq", true);
    body["rented"] = filter("eq", false);
    if (!query.gpu_name.empty()) {
        json::array names;
        for (const std::string& name : gpu_family(query.gpu_name))
            names.emplace_back(to_market_gpu_name(name));
        body["gpu_name"] = filter("in", std::move(names));
    }
    if (query.gpu_count > 0) body["num_gpus"] = filter("eq", query.gpu_count);
    const std::int64_t disk = disk_gigabytes(query.disk);
    body["disk_space"] = filter("gte", disk);
    if (from.floor > UsdPerHour{}) {
        body["dph_total"] = filter("gte", decimal_of_micros(from.floor.micros));
    }
    if (!from.without.empty()) {
        // Not "id": a filter on it matches nothing (API reference, quirk 16).
        body["ask_contract_id"] =
            filter("notin", json::array(from.without.begin(), from.without.end()));
    }
    // emplace_back: a list of one list in braces would be a copy of the inner one.
    json::array order;
    order.emplace_back(json::array{"dph_total", "asc"});
    body["order"] = std::move(order);
    body["type"] = query.interruptible ? "bid" : query.reserved ? "reserved" : "on-demand";
    body["allocated_storage"] = disk;
    body["limit"] = query.limit;
    return json::serialize(body);
}

Result<std::string> encode_create(const CreateRequest& request) {
    if (Status checked = check(request); !checked) return checked.error();
    json::object body;
    body["client_id"] = "me";
    body["image"] = request.image;
    body["disk"] = disk_gigabytes(request.disk);
    json::object env;
    for (const auto& [key, value] : request.env)
        env[key] = value;
    body["env"] = std::move(env);  // an object: a string is ignored silently
    // Present and not null means interruptible. Without it the market rents on demand at full
    // price and does not say so.
    body["price"] =
        request.bid > UsdPerHour{} ? decimal_of_micros(request.bid.micros) : json::value(nullptr);
    write_start(body, request);
    if (!request.image_login.empty()) body["image_login"] = request.image_login;
    body["label"] = request.label;
    // The default for bids would leave a stopped machine whose disk bills.
    body["cancel_unavail"] = true;
    body["target_state"] = "running";
    return json::serialize(body);
}

Result<std::string> encode_bid(UsdPerHour bid) {
    if (const std::string fault = check_bid(bid); !fault.empty()) return invalid(fault);
    json::object body;
    body["client_id"] = "me";
    body["price"] = decimal_of_micros(bid.micros);
    return json::serialize(body);
}

std::string list_target(const std::string& after_token) {
    http::Query query;
    query.add("limit", std::to_string(kListPage));
    query.add("order_by", R"([{"col":"id","dir":"asc"}])");
    if (!after_token.empty()) query.add("after_token", after_token);
    return "/api/v1/instances/?" + query.text();
}

std::string charges_target(std::int64_t day, const std::string& after_token) {
    constexpr std::int64_t kDaySeconds = 86'400;
    json::object filters;
    json::object range;
    range["gte"] = day * kDaySeconds;
    range["lte"] = (day + 1) * kDaySeconds - 1;
    filters["day"] = std::move(range);
    filters["type"] = filter("in", json::array{"instance"});
    http::Query query;
    query.add("select_filters", json::serialize(filters));
    query.add("format", "tree");
    query.add("latest_first", "false");
    query.add("limit", std::to_string(kChargesPage));
    if (!after_token.empty()) query.add("after_token", after_token);
    return "/api/v0/charges/?" + query.text();
}

}  // namespace herder::vast
