// What the market offers and what of it is ours.
#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "api/problem_json.h"
#include "api/routes.h"
#include "api/view_json.h"

namespace herder::api {

namespace {

int whole_number(const std::string& text, int fallback) {
    int value = fallback;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

struct OfferWish {
    OfferQuery query;
    bool spot = true;
    bool on_demand = true;
    Usd price_max{};
};

Result<OfferWish> read_wish(const Request& request) {
    OfferWish wish;
    wish.query.gpu_name = request.query_or("gpu", "");
    wish.query.gpu_count = whole_number(request.query_or("count", "1"), 1);
    wish.query.disk =
        gigabytes(std::clamp(whole_number(request.query_or("disk_gb", "10"), 10), 1, 100'000));
    const std::string market = request.query_or("market", "auto");
    if (market != "auto" && market != "spot" && market != "on-demand") {
        return invalid("market '" + market + "' is not known; use spot, on-demand or auto");
    }
    wish.spot = market != "on-demand";
    wish.on_demand = market != "spot";
    const std::string price = request.query_or("max_price", "");
    if (price.empty()) return wish;
    const Result<Usd> limit = parse_usd(price);
    if (!limit) return limit.error().with_context("max_price");
    wish.price_max = *limit;
    return wish;
}

void answer_offers(Provider& provider, const OfferWish& wish, const ExchangePtr& exchange) {
    std::vector<Offer> offers;
    for (const bool interruptible : {true, false}) {
        if (interruptible ? !wish.spot : !wish.on_demand) continue;
        OfferQuery query = wish.query;
        query.interruptible = interruptible;
        const Result<std::vector<Offer>> found = provider.search(query);
        if (!found) return exchange->respond(problem(found.error(), "/api/v1/offers"));
        offers.insert(offers.end(), found->begin(), found->end());
    }
    const Bytes disk = wish.query.disk;
    if (wish.price_max > Usd{}) {
        std::erase_if(offers, [&](const Offer& offer) {
            return offer.total_price(disk).micros > wish.price_max.micros;
        });
    }
    std::sort(offers.begin(), offers.end(), [disk](const Offer& a, const Offer& b) {
        return std::pair(a.total_price(disk), a.ask) < std::pair(b.total_price(disk), b.ask);
    });
    Response response;
    response.body = offers_view(offers, disk);
    exchange->respond(std::move(response));
}

void list_offers(const Call& call) {
    const Result<OfferWish> wish = read_wish(call.request);
    if (!wish) return call.fail(wish.error());
    call.parts.provider.run([wish = *wish, exchange = call.exchange](Provider& provider) {
        answer_offers(provider, wish, exchange);
    });
}

void show_account(const Call& call) {
    call.parts.provider.run([exchange = call.exchange](Provider& provider) {
        const Result<AccountInfo> account = provider.account();
        if (!account) return exchange->respond(problem(account.error(), "/api/v1/account"));
        Response response;
        response.body =
            boost::json::serialize(boost::json::object{{"provider", provider.name()},
                                                       {"user", account->user},
                                                       {"credit", to_decimal(account->credit)}});
        exchange->respond(std::move(response));
    });
}

}  // namespace

bool route_market(const Call& call) {
    if (call.path.size() != 1 || call.request.method != "GET") return false;
    if (call.path[0] == "offers") return list_offers(call), true;
    if (call.path[0] == "account") return show_account(call), true;
    if (call.path[0] != "instances") return false;
    call.parts.engine.read([exchange = call.exchange](const State& state, Instant now) {
        Response response;
        response.body = instances_view(state, now);
        exchange->respond(std::move(response));
    });
    return true;
}

}  // namespace herder::api
