// What the market offers, and the account there.
#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <tuple>

#include "api/query_reader.h"
#include "api/routes.h"
#include "api/view_json.h"
#include "core/market/gpu_names.h"

namespace herder::api {

namespace {

enum class OfferOrder { kPrice, kValue, kReliability, kPerformance, kDownload, kUpload, kDuration };

// What a request wants to see, and how.
struct OfferRequest {
    OfferWish wish;
    Page page;
    OfferOrder order = OfferOrder::kPrice;
    bool explain = false;
};

OfferOrder read_order(QueryReader& query) {
    const std::vector<std::string> words = {"price",    "value",  "reliability", "performance",
                                            "download", "upload", "duration"};
    const std::string said = query.word("sort", "price", words);
    const auto found = std::find(words.begin(), words.end(), said);
    return static_cast<OfferOrder>(found == words.end() ? 0 : found - words.begin());
}

// "DE,us" -> {"DE", "US"}.
std::vector<std::string> read_countries(QueryReader& query) {
    std::vector<std::string> countries;
    std::string word;
    for (const char c : query.text("region") + ",") {
        if (c != ',') {
            word += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
            continue;
        }
        if (word.size() == 2) countries.push_back(word);
        if (!word.empty() && word.size() != 2) {
            query.complain("region",
                           "region '" + word + "' is no country's two letters, such as DE");
        }
        word.clear();
    }
    return countries;
}

// A decimal of the query in millionths; 0 where it is not there.
std::int64_t read_micros(QueryReader& query, const std::string& name) {
    const std::string said = query.text(name);
    if (said.empty()) return 0;
    const Result<Usd> read = parse_usd(said);
    if (read) return read->micros;
    query.complain(name, name + " '" + said + "' is no number such as 0.95");
    return 0;
}

// A newer card than this program knows passes unchanged.
std::string read_gpu(QueryReader& query) {
    const std::string said = query.text("gpu");
    return said.empty() ? "" : parse_gpu_name(said).value_or(said);
}

OfferRequest read_request(QueryReader& query) {
    OfferRequest request;
    OfferWish& wish = request.wish;
    wish.gpu_name = read_gpu(query);
    wish.gpu_count = static_cast<int>(query.number("count", 1, 0, 1000));
    wish.disk = gigabytes(query.number("disk_gb", 10, 1, 100'000));
    const std::string market = query.word("market", "auto", {"spot", "on-demand", "auto"});
    if (market == "spot") wish.market = Market::kSpot;
    if (market == "on-demand") wish.market = Market::kOnDemand;
    wish.countries = read_countries(query);
    wish.price_max = UsdPerHour{read_micros(query, "max_price")};
    wish.reliability_min_ppm =
        static_cast<int>(std::min<std::int64_t>(read_micros(query, "reliability_min"), 1'000'000));
    request.order = read_order(query);
    request.explain = query.flag("explain", false);
    request.page = read_page(query, 1000);
    return request;
}

// Both markets as far as they are wanted. To explain, the market is asked without any condition:
// what a condition removes has to be seen first.
Result<std::vector<Offer>> search_all(Provider& provider, const OfferRequest& request) {
    // The market answers with the cheapest; for every other order as many as it gives are needed.
    constexpr std::size_t kManyOffers = 2000;
    std::vector<Offer> offers;
    for (const bool interruptible : {true, false}) {
        const Market other = interruptible ? Market::kOnDemand : Market::kSpot;
        if (request.wish.market == other && !request.explain) continue;
        OfferQuery query;
        query.interruptible = interruptible;
        query.in_person = true;
        query.disk = request.explain ? gigabytes(1) : request.wish.disk;
        query.gpu_name = request.explain ? "" : request.wish.gpu_name;
        query.gpu_count = request.explain ? 0 : request.wish.gpu_count;
        if (request.explain || request.order != OfferOrder::kPrice) query.limit = kManyOffers;
        const Result<std::vector<Offer>> found = provider.search(query);
        if (!found) return found.error();
        offers.insert(offers.end(), found->begin(), found->end());
    }
    return offers;
}

// The smaller, the further in front.
std::int64_t rank_of(const Offer& offer, OfferOrder order, Bytes disk) {
    switch (order) {
        case OfferOrder::kPrice:
            return 0;
        case OfferOrder::kValue: {
            const std::int64_t price = std::max(offer.total_price(disk).micros, std::int64_t{1});
            return -offer.sheet.dl_performance_tenths * 1'000'000 / price;
        }
        case OfferOrder::kReliability:
            return -offer.reliability_ppm;
        case OfferOrder::kPerformance:
            return -offer.sheet.dl_performance_tenths;
        case OfferOrder::kDownload:
            return -offer.download_mbps;
        case OfferOrder::kUpload:
            return -offer.upload_mbps;
        case OfferOrder::kDuration:
            return -offer.remaining.us;
    }
    return 0;
}

void sort_offers(std::vector<Offer>& offers, const OfferRequest& request) {
    const Bytes disk = request.wish.disk;
    const auto key = [&](const Offer& offer) {
        return std::tuple(rank_of(offer, request.order, disk), offer.total_price(disk), offer.ask,
                          offer.interruptible);
    };
    std::sort(offers.begin(), offers.end(),
              [&key](const Offer& a, const Offer& b) { return key(a) < key(b); });
}

void answer_offers(Provider& provider, const OfferRequest& request, const ExchangePtr& exchange) {
    Result<std::vector<Offer>> offers = search_all(provider, request);
    if (!offers) return refuse(exchange, offers.error());
    std::optional<OfferExplanation> explanation;
    if (request.explain) explanation = explain_offers(*offers, request.wish);
    std::erase_if(*offers, [&](const Offer& offer) { return !fits(offer, request.wish); });
    sort_offers(*offers, request);
    const Result<std::string> text =
        offers_view(*offers, request.wish.disk, request.page, explanation);
    if (!text) return refuse(exchange, text.error());
    Response response;
    response.body = *text;
    exchange->respond(std::move(response));
}

void list_offers(const Call& call) {
    QueryReader query(call.request);
    const OfferRequest request = read_request(query);
    if (!query.is_good()) return call.fail(query.problem());
    ask_provider(call, [request, exchange = call.exchange](Provider& provider) {
        answer_offers(provider, request, exchange);
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

boost::json::value list_or_null(const std::optional<std::vector<std::string>>& list) {
    if (!list) return nullptr;
    return boost::json::value_from(*list);
}

boost::json::object view_of(const AccountSetup& setup) {
    return {{"ssh_keys", list_or_null(setup.ssh_keys)},
            {"webhook_urls", list_or_null(setup.webhook_urls)},
            {"takes_webhooks", setup.takes_webhooks},
            {"webhooks_taken", setup.webhooks_taken},
            {"webhooks_refused", setup.webhooks_refused}};
}

void answer_account(Provider& provider, const Options& options, const ExchangePtr& exchange) {
    const Result<AccountInfo> account = provider.account();
    if (!account) return refuse(exchange, account.error());
    boost::json::object view{{"provider", provider.name()},
                             {"user", account->user},
                             {"credit", to_decimal(account->credit)},
                             {"clock_ahead_seconds", nullptr}};
    if (account->clock_ahead)
        view["clock_ahead_seconds"] = account->clock_ahead->us / seconds(1).us;
    if (options.key_report) view["key"] = view_of(options.key_report());
    if (options.account_setup) view["setup"] = view_of(options.account_setup());
    Response response;
    response.body = boost::json::serialize(view);
    exchange->respond(std::move(response));
}

void show_account(const Call& call) {
    ask_provider(call, [exchange = call.exchange, options = call.options](Provider& provider) {
        answer_account(provider, options, exchange);
    });
}

}  // namespace

std::vector<Route> market_routes() {
    return {{"GET",
             "/offers",
             {"gpu", "count", "disk_gb", "market", "max_price", "region", "reliability_min", "sort",
              "explain", "limit", "cursor"},
             list_offers},
            {"GET", "/account", {}, show_account}};
}

}  // namespace herder::api
