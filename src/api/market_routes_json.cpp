// What the market offers and what of it is ours.
#include <algorithm>
#include <boost/json.hpp>

#include "api/query_reader.h"
#include "api/routes.h"
#include "api/view_json.h"

namespace herder::api {

namespace {

struct OfferWish {
    OfferQuery query;
    bool spot = true;
    bool on_demand = true;
    Usd price_max{};
    Page page;
};

OfferWish read_wish(QueryReader& query) {
    OfferWish wish;
    wish.query.gpu_name = query.text("gpu");
    wish.query.gpu_count = static_cast<int>(query.number("count", 1, 0, 1000));
    wish.query.disk = gigabytes(query.number("disk_gb", 10, 1, 100'000));
    const std::string market = query.word("market", "auto", {"spot", "on-demand", "auto"});
    wish.spot = market != "on-demand";
    wish.on_demand = market != "spot";
    wish.page = read_page(query, 1000);
    const std::string price = query.text("max_price");
    if (price.empty()) return wish;
    const Result<Usd> limit = parse_usd(price);
    if (limit)
        wish.price_max = *limit;
    else
        query.complain("max_price", "max_price: " + limit.error().message);
    return wish;
}

void answer_offers(Provider& provider, const OfferWish& wish, const ExchangePtr& exchange) {
    std::vector<Offer> offers;
    for (const bool interruptible : {true, false}) {
        if (interruptible ? !wish.spot : !wish.on_demand) continue;
        OfferQuery query = wish.query;
        query.interruptible = interruptible;
        query.in_person = true;
        const Result<std::vector<Offer>> found = provider.search(query);
        if (!found) return refuse(exchange, found.error());
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
    const Result<std::string> text = offers_view(offers, disk, wish.page);
    if (!text) return refuse(exchange, text.error());
    Response response;
    response.body = *text;
    exchange->respond(std::move(response));
}

void list_offers(const Call& call) {
    QueryReader query(call.request);
    const OfferWish wish = read_wish(query);
    if (!query.is_good()) return call.fail(query.problem());
    ask_provider(call, [wish, exchange = call.exchange](Provider& provider) {
        answer_offers(provider, wish, exchange);
    });
}

boost::json::object view_of(const KeyReport& key) {
    return {{"source", key.source},
            {"hides", key.hides},
            {"rights_known", key.is_known},
            {"name", key.name},
            {"missing_rights", boost::json::value_from(key.missing)},
            {"spare_rights", boost::json::value_from(key.spare)}};
}

void show_account(const Call& call) {
    ask_provider(call,
                 [exchange = call.exchange, report = call.options.key_report](Provider& provider) {
                     const Result<AccountInfo> account = provider.account();
                     if (!account) return refuse(exchange, account.error());
                     boost::json::object view{{"provider", provider.name()},
                                              {"user", account->user},
                                              {"credit", to_decimal(account->credit)}};
                     if (report) view["key"] = view_of(report());
                     Response response;
                     response.body = boost::json::serialize(view);
                     exchange->respond(std::move(response));
                 });
}

void list_instances(const Call& call) {
    QueryReader query(call.request);
    const Page page = read_page(query, 1000);
    if (!query.is_good()) return call.fail(query.problem());
    call.parts.engine.read([exchange = call.exchange, page](const State& state, Instant now) {
        const Result<std::string> text = instances_view(state, now, page);
        if (!text) return refuse(exchange, text.error());
        Response response;
        response.body = *text;
        exchange->respond(std::move(response));
    });
}

}  // namespace

std::vector<Route> market_routes() {
    return {{"GET",
             "/offers",
             {"gpu", "count", "disk_gb", "market", "max_price", "limit", "cursor"},
             list_offers},
            {"GET", "/instances", {"limit", "cursor"}, list_instances},
            {"GET", "/account", {}, show_account}};
}

}  // namespace herder::api
