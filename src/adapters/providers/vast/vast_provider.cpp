#include "adapters/providers/vast/vast_provider.h"

#include <algorithm>

#include "adapters/http/http_date.h"
#include "adapters/providers/vast/account_json.h"
#include "adapters/providers/vast/charges_json.h"
#include "adapters/providers/vast/machine_list.h"
#include "adapters/providers/vast/offers_json.h"
#include "adapters/providers/vast/outcome.h"
#include "adapters/providers/vast/requests_json.h"
#include "adapters/providers/vast/search_walk.h"

namespace herder::vast {

namespace {

constexpr int kListPagesMax = 400;  // of 25 machines
constexpr int kListWalks = 3;
constexpr int kChargePagesMax = 200;
constexpr std::int64_t kChargeDaysMax = 92;

std::string instance_target(ContractId contract, const char* verb = "") {
    return std::string("/api/v0/instances/") + verb + std::to_string(contract.value) + "/";
}

// Another walk may fit.
bool is_torn(const Error& error) {
    return error.code == ErrorCode::kConflict;
}

// The newer list is not there: the market is older, or has moved it.
bool is_no_such_route(const Error& error) {
    return error.code == ErrorCode::kNotFound;
}

}  // namespace

VastProvider::VastProvider(Transport transport, const std::string& key, const Clock& clock,
                           Traffic& traffic, Download download)
    : api_(std::move(transport), key, traffic.gate_of(key)),
      clock_(clock),
      traffic_(traffic),
      download_(std::move(download)) {}

Result<std::unique_ptr<VastProvider>> VastProvider::open(const std::string& url,
                                                         const std::string& key, const Clock& clock,
                                                         Traffic& traffic) {
    auto transport = open_transport(url);
    if (!transport) return transport.error();
    return std::make_unique<VastProvider>(std::move(*transport), key, clock, traffic,
                                          make_download(url));
}

Result<std::vector<Offer>> VastProvider::search(const OfferQuery& query) {
    SearchWalk walk(query);
    while (!walk.is_done()) {
        const auto body =
            api_.read({.route = Route::kSearch,
                       .method = "POST",
                       .target = "/api/v0/bundles/",
                       .body = walk.next_body(),
                       .importance = query.in_person ? Importance::kPeople : Importance::kPlan,
                       .owner = query.owner,
                       // Wide searches have more pages than a minute allows.
                       .patience = seconds(75)});
        if (!body) return body.error();
        auto page = parse_offers(*body, query, clock_.wall());
        if (!page) return page.error().with_context("searching offers");
        walk.add(std::move(*page));
    }
    return walk.take();
}

CreateAnswer VastProvider::create(const CreateRequest& request) {
    const auto body = encode_create(request);
    if (!body) {
        CreateAnswer answer;
        answer.outcome = input::CallOutcome::kRefused;
        answer.not_sent = true;
        answer.detail = body.error().message;
        return answer;
    }
    // A turn that comes later than this would find the order's deadline passed.
    constexpr Duration kPatience = seconds(90);
    const OneCall call =
        api_.send_once({.route = Route::kCreate,
                        .method = "PUT",
                        .target = "/api/v0/asks/" + std::to_string(request.ask) + "/",
                        .body = *body,
                        .owner = request.owner,
                        .patience = kPatience},
                       request.may_send);
    CreateAnswer answer = classify_create(call.result);
    answer.retry_in = std::max(answer.retry_in, call.retry_in);
    return answer;
}

CallAnswer VastProvider::destroy(ContractId contract) {
    // The official client sends an object as body here, too.
    return classify_destroy(api_.send({.route = Route::kDestroy,
                                       .method = "DELETE",
                                       .target = instance_target(contract),
                                       .body = "{}",
                                       .timeout = seconds(30)}));
}

Result<std::vector<InstanceRecord>> VastProvider::walk_list() {
    MachineList list;
    std::string token;
    for (int pages = 0; pages < kListPagesMax; ++pages) {
        const auto body = api_.read(
            {.route = Route::kList, .target = list_target(token), .timeout = seconds(30)});
        if (!body) return body.error();
        auto page = parse_machine_page(*body);
        if (!page) return page.error().with_context("listing machines");
        token = page->next_token;
        if (Status added = list.add(std::move(*page)); !added) return added.error();
        if (token.empty()) return list.finish();
    }
    return unavailable("listing machines: the pages do not end");
}

Result<std::vector<InstanceRecord>> VastProvider::read_old_list() {
    const auto body = api_.read(
        {.route = Route::kListOld, .target = "/api/v0/instances/", .timeout = seconds(60)});
    if (!body) return body.error();
    auto page = parse_machine_page(*body);
    if (!page) return page.error().with_context("listing machines");
    return read_whole_list(std::move(*page));
}

Result<std::vector<InstanceRecord>> VastProvider::instances() {
    return listing_.get([this] { return read_instances(); });
}

Result<std::vector<InstanceRecord>> VastProvider::read_instances() {
    // A machine that comes or goes between two pages changes the totals: some more walks, then the
    // caller has to wait.
    Result<std::vector<InstanceRecord>> machines = walk_list();
    for (int walks = 1; walks < kListWalks && !machines && is_torn(machines.error()); ++walks)
        machines = walk_list();
    if (!machines && is_no_such_route(machines.error())) machines = read_old_list();
    if (!machines && is_torn(machines.error())) return unavailable(machines.error().message);
    return machines;
}

Result<std::vector<ListedMachine>> VastProvider::list() {
    Result<std::vector<InstanceRecord>> records = instances();
    if (!records) return records.error();
    std::vector<ListedMachine> machines;
    machines.reserve(records->size());
    for (InstanceRecord& record : *records)
        machines.push_back(std::move(record.machine));
    return machines;
}

CallAnswer VastProvider::change_bid(ContractId contract, UsdPerHour bid) {
    const auto body = encode_bid(bid);
    if (!body) return {.outcome = input::CallOutcome::kRefused, .detail = body.error().message};
    return classify_change(api_.send({.route = Route::kChangeBid,
                                      .method = "PUT",
                                      .target = instance_target(contract, "bid_price/"),
                                      .body = *body,
                                      .timeout = seconds(30)}));
}

Status VastProvider::read_day(std::int64_t day, std::map<ChargeKey, ChargeRow>& rows) {
    std::map<ChargeKey, ChargeRow> of_day;
    std::size_t results = 0;
    std::string token;
    std::optional<std::int64_t> total;
    for (int pages = 0; pages < kChargePagesMax; ++pages) {
        const auto body =
            api_.read({.route = Route::kCharges, .target = charges_target(day, token)});
        if (!body) return body.error();
        const auto page = parse_charges(*body, day);
        if (!page) return page.error().with_context("reading charges");
        for (const ChargeRow& row : page->rows) {
            const auto [at, added] = of_day.try_emplace(row.charge.key, row);
            if (!added) at->second.charge.amount += row.charge.amount;
        }
        results += page->results;
        if (page->total) total = page->total;
        token = page->next_token;
        if (!token.empty()) continue;
        if (total && *total != static_cast<std::int64_t>(results)) {
            return unavailable("reading charges: " + std::to_string(results) + " rows of " +
                               std::to_string(*total) + " came");
        }
        // A row that spans two days comes with both of them, under the same key: it is replaced.
        for (const auto& [key, row] : of_day)
            rows.insert_or_assign(key, row);
        return ok();
    }
    return unavailable("reading charges: the pages do not end");
}

Result<std::vector<ChargeRow>> VastProvider::charges(std::int64_t from_day, std::int64_t to_day) {
    if (from_day < 0 || to_day < from_day || to_day - from_day >= kChargeDaysMax) {
        return invalid("reading charges: from 1 to 92 days at a time can be asked for");
    }
    std::map<ChargeKey, ChargeRow> rows;
    for (std::int64_t day = from_day; day <= to_day; ++day) {
        if (Status read = read_day(day, rows); !read) return read.error();
    }
    std::vector<ChargeRow> out;
    for (auto& [key, row] : rows)
        out.push_back(std::move(row));
    return out;
}

Result<AccountInfo> VastProvider::account() {
    const auto response =
        api_.fetch({.route = Route::kAccount, .target = "/api/v0/users/current/"});
    if (!response) return response.error();
    const auto user = parse_user(response->body);
    if (!user) return user.error();
    AccountInfo account = to_account(*user);
    const std::string date(response->headers.get("Date").value_or(""));
    // Written a moment ago, in whole seconds. The question may have waited long for its turn.
    if (const auto theirs = http::parse_http_date(date))
        account.clock_ahead = *theirs + milliseconds(500) - clock_.wall();
    return account;
}

Result<std::optional<InstanceRecord>> VastProvider::instance(ContractId contract) {
    const auto body = api_.read({.route = Route::kShow, .target = instance_target(contract)});
    if (body) return parse_machine(*body);
    // null with 200 is the rule; a 404 of the market's own words was reported, too.
    if (is_no_such_route(body.error())) return std::optional<InstanceRecord>();
    return body.error();
}

Result<std::optional<ListedMachine>> VastProvider::show(ContractId contract) {
    Result<std::optional<InstanceRecord>> record = instance(contract);
    if (!record) return record.error();
    if (!*record) return std::optional<ListedMachine>();
    return std::optional<ListedMachine>(std::move((*record)->machine));
}

}  // namespace herder::vast
