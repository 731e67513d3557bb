#include <CLI/App.hpp>
#include <array>

#include "cli/groups.h"
#include "cli/list_view.h"
#include "cli/offer_view.h"
#include "cli/server_link.h"

namespace herder::cli {

namespace {

struct OffersOptions {
    std::string gpu;
    int count = 1;
    int disk_gb = 10;
    std::string market = "auto";
    std::string price_max;
    std::size_t limit = 20;
};

ExitCode list_offers(Context& context, const OffersOptions& options) {
    http::Query query;
    if (!options.gpu.empty()) query.add("gpu", options.gpu);
    query.add("count", std::to_string(options.count));
    query.add("disk_gb", std::to_string(options.disk_gb));
    query.add("market", options.market);
    if (!options.price_max.empty()) query.add("max_price", options.price_max);
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    bool is_cut = false;
    Result<Json::Array> offers = server->list("/offers?" + query.text(), options.limit, &is_cut);
    if (!offers) return fail(context, offers.error());
    const std::size_t found = offers->size();
    if (found > options.limit) offers->resize(options.limit);
    print_items(context, *offers, offers_list());
    if (is_cut || found > offers->size()) {
        context.output.note("there are more; these are the cheapest " +
                            std::to_string(offers->size()) + " (--limit N for more)");
    }
    return ExitCode::kOk;
}

std::string price_of(const Json& item, const Look&) {
    return rate_cell(text_at(item, "price_per_hour"));
}
std::string cost_of(const Json& item, const Look&) {
    return money_cell(text_at(item, "cost"));
}
std::string owner_of(const Json& item, const Look&) {
    return text_at(item, "owner") == "foreign" ? "! foreign, left alone" : "ours";
}

constexpr std::array<ViewColumn, 9> kInstanceColumns{{{"CONTRACT", "contract"},
                                                      {"JOB", "job"},
                                                      {"STATE", "state"},
                                                      {"PROVIDER SAYS", "provider_state"},
                                                      {"GPU", "gpu"},
                                                      {"$/H", "price_per_hour", true, price_of},
                                                      {"COST", "cost", true, cost_of},
                                                      {"OWNER", "owner", false, owner_of},
                                                      {"LABEL", "label"}}};
const ListView kInstances{kInstanceColumns, "nothing is rented"};

ExitCode list_instances(Context& context) {
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    const Result<Json::Array> machines = server->list("/instances", 10'000);
    if (!machines) return fail(context, machines.error());
    print_items(context, *machines, kInstances);
    return ExitCode::kOk;
}

}  // namespace

void add_market_commands(Commands& commands) {
    auto& wish = commands.keep<OffersOptions>();
    CLI::App& offers =
        commands.add("offers", "what the market has now, the cheapest first; rents nothing",
                     [&wish](Context& context) { return list_offers(context, wish); });
    offers.add_option("--gpu", wish.gpu, "as RTX_4090 or A100; otherwise any");
    offers.add_option("--num-gpus,--count", wish.count, "GPUs in one machine")
        ->check(CLI::PositiveNumber);
    offers.add_option("--disk", wish.disk_gb, "GB that are needed; the price includes them")
        ->check(CLI::PositiveNumber);
    offers.add_option("--market", wish.market, "spot, on-demand or auto (both)")
        ->check(CLI::IsMember({"spot", "on-demand", "auto"}));
    offers.add_option("--max-price", wish.price_max, "dollars per hour for the whole machine");
    offers.add_option("--limit", wish.limit, "at most so many")->check(CLI::PositiveNumber);

    commands.add("instances", "what is rented now, and what it costs", list_instances);
}

}  // namespace herder::cli
