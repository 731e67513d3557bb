#include "adapters/providers/vast/vast_provider.h"

#include <algorithm>
#include <set>

#include "adapters/providers/vast/charges_json.h"
#include "adapters/providers/vast/instances_json.h"
#include "adapters/providers/vast/offers_json.h"
#include "adapters/providers/vast/outcome.h"
#include "adapters/providers/vast/requests_json.h"

namespace herder::vast {

namespace {

// A search was seen to return at most 64 rows whatever limit was given (September 2026), and
// thousands in August; an answer of either size may be cut off.
constexpr std::size_t kRowCap = 64;
constexpr int kSearchPagesMax = 12;
constexpr int kListPagesMax = 400;  // of 25 machines
constexpr int kListWalks = 2;
constexpr int kChargePagesMax = 200;
constexpr std::int64_t kChargeDaysMax = 92;

std::string instance_target(ContractId contract) {
    return "/api/v0/instances/" + std::to_string(contract.value) + "/";
}

// kConflict stays inside this file: another walk may fit.
Error inconsistent(const std::string& why) {
    return {ErrorCode::kConflict, "listing machines: the pages do not fit together: " + why};
}

// Everything that the pages of one walk through the list must agree on.
class MachineList {
  public:
    Status add(MachinePage page) {
        if (!page.total) return inconsistent("no total is given");
        if (total_ && *total_ != *page.total) return inconsistent("the total changed");
        total_ = page.total;
        if (page.found && *page.found != static_cast<std::int64_t>(page.machines.size())) {
            return inconsistent("a page holds fewer rows than it says");
        }
        if (page.machines.empty() && !page.next_token.empty()) {
            return inconsistent("an empty page in between");
        }
        for (ListedMachine& machine : page.machines) {
            if (!seen_.insert(machine.contract).second) {
                return inconsistent("machine " + std::to_string(machine.contract.value) +
                                    " is listed twice");
            }
            machines_.push_back(std::move(machine));
        }
        return ok();
    }

    Result<std::vector<ListedMachine>> finish() {
        if (static_cast<std::int64_t>(machines_.size()) != total_.value_or(-1)) {
            return inconsistent(std::to_string(machines_.size()) + " rows of " +
                                std::to_string(total_.value_or(0)));
        }
        return std::move(machines_);
    }

  private:
    std::optional<std::int64_t> total_;
    std::set<ContractId> seen_;
    std::vector<ListedMachine> machines_;
};

}  // namespace

VastProvider::VastProvider(Transport transport, std::string key, const Clock& clock, Pace& pace)
    : api_(std::move(transport), std::move(key), pace), clock_(clock) {}

Result<std::unique_ptr<VastProvider>> VastProvider::open(const std::string& url, std::string key,
                                                         const Clock& clock, Pace& pace) {
    auto client = http::Client::open(url);
    if (!client) return client.error().with_context("opening the market at " + url);
    // Shared by the copies that std::function makes of the closure.
    const std::shared_ptr<http::Client> shared = std::move(*client);
    const auto call = [shared](const http::Request& request, const http::CallOptions& options) {
        return shared->call(request, options);
    };
    return std::make_unique<VastProvider>(call, std::move(key), clock, pace);
}

Result<std::vector<Offer>> VastProvider::search(const OfferQuery& query) {
    std::vector<Offer> found;
    std::set<std::int64_t> seen;
    UsdPerHour floor{};
    for (int pages = 0; pages < kSearchPagesMax; ++pages) {
        const auto body = api_.read({.route = Route::kSearch,
                                     .method = "POST",
                                     .target = "/api/v0/bundles/",
                                     .body = encode_search(query, floor)});
        if (!body) return body.error();
        const auto page = parse_offers(*body, query, clock_.wall());
        if (!page) return page.error().with_context("searching offers");
        for (const Offer& offer : page->offers) {
            if (found.size() < query.limit && seen.insert(offer.ask).second) found.push_back(offer);
        }
        const bool may_be_cut = page->rows == kRowCap || page->rows >= query.limit;
        // No higher price on a page that was cut off: going on would return the same page.
        if (!may_be_cut || found.size() >= query.limit || page->dearest <= floor) break;
        floor = page->dearest;
    }
    return found;
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
    return classify_create(
        api_.send_once({.route = Route::kCreate,
                        .method = "PUT",
                        .target = "/api/v0/asks/" + std::to_string(request.ask) + "/",
                        .body = *body},
                       request.may_send));
}

CallAnswer VastProvider::destroy(ContractId contract) {
    // The official client sends an object as body here, too.
    return classify_destroy(api_.send({.route = Route::kDestroy,
                                       .method = "DELETE",
                                       .target = instance_target(contract),
                                       .body = "{}",
                                       .timeout = seconds(30)}));
}

Result<std::vector<ListedMachine>> VastProvider::walk_list() {
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
    return inconsistent("it does not end");
}

Result<std::vector<ListedMachine>> VastProvider::list() {
    // A machine that comes or goes between two pages changes the totals: one more walk, then the
    // caller has to wait.
    Result<std::vector<ListedMachine>> machines = walk_list();
    for (int walks = 1; walks < kListWalks && !machines; ++walks) {
        if (machines.error().code != ErrorCode::kConflict) break;
        machines = walk_list();
    }
    if (!machines && machines.error().code == ErrorCode::kConflict) {
        return unavailable(machines.error().message);
    }
    return machines;
}

CallAnswer VastProvider::change_bid(ContractId contract, UsdPerHour bid) {
    const auto body = encode_bid(bid);
    if (!body) return {.outcome = input::CallOutcome::kRefused, .detail = body.error().message};
    return classify_change(
        api_.send({.route = Route::kChangeBid,
                   .method = "PUT",
                   .target = "/api/v0/instances/bid_price/" + std::to_string(contract.value) + "/",
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
    const auto body = api_.read({.route = Route::kAccount, .target = "/api/v0/users/current/"});
    if (!body) return body.error();
    return parse_account(*body);
}

Result<std::optional<ListedMachine>> VastProvider::show(ContractId contract) {
    const auto body = api_.read({.route = Route::kShow, .target = instance_target(contract)});
    if (!body) return body.error();
    return parse_machine(*body);
}

}  // namespace herder::vast
