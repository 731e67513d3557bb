// herder offers: the market as it is now. Rents nothing.
#include <CLI/App.hpp>
#include <ostream>
#include <vector>

#include "cli/groups.h"
#include "cli/list_view.h"
#include "cli/offer_changes.h"
#include "cli/offer_view.h"
#include "cli/patience.h"
#include "cli/server_link.h"

namespace herder::cli {

namespace {

// Ten searches a minute are what the gate of a key lets through; a watch uses six of them.
constexpr char kWatchEvery[] = "10s";
constexpr Duration kWatchEveryMin = seconds(1);
// To the first line, and nothing below it is left.
constexpr char kRedraw[] = "\x1b[H\x1b[J";

struct OffersOptions {
    std::string gpu;
    int count = 1;
    int disk_gb = 10;
    std::string market = "auto";
    std::string price_max;
    std::string region;
    std::string reliability_min;
    std::string sort = "price";
    std::size_t limit = 20;
    std::string every = kWatchEvery;
    bool wide = false;
    bool explain = false;
    bool watch = false;
};

std::string target_of(const OffersOptions& options) {
    http::Query query;
    const auto add_if_set = [&query](const char* name, const std::string& value) {
        if (!value.empty()) query.add(name, value);
    };
    add_if_set("gpu", options.gpu);
    query.add("count", std::to_string(options.count));
    query.add("disk_gb", std::to_string(options.disk_gb));
    query.add("market", options.market);
    add_if_set("max_price", options.price_max);
    add_if_set("region", options.region);
    add_if_set("reliability_min", options.reliability_min);
    query.add("sort", options.sort);
    return "/offers?" + query.text();
}

struct Found {
    Json::Array offers;
    bool has_more = false;
};

Result<Found> find_offers(ServerLink& server, const OffersOptions& options) {
    Found found;
    Result<Json::Array> offers = server.list(target_of(options), options.limit, &found.has_more);
    if (!offers) return offers.error();
    found.has_more = found.has_more || offers->size() > options.limit;
    if (offers->size() > options.limit) offers->resize(options.limit);
    found.offers = std::move(*offers);
    return found;
}

void say_more(Context& context, const Found& found, const OffersOptions& options) {
    if (!found.has_more) return;
    context.output.note("there are more; these are the " + std::to_string(found.offers.size()) +
                        (options.sort == "price" ? " cheapest" : " best by " + options.sort) +
                        " (--limit N for more)");
}

Result<ExitCode> show_offers(Context& context, ServerLink& server, const OffersOptions& options) {
    const Result<Found> found = find_offers(server, options);
    if (!found) return found.error();
    print_items(context, found->offers, offers_list(options.wide));
    say_more(context, *found, options);
    if (found->offers.empty())
        context.output.note("'herder offers --explain' with the same flags says why");
    return ExitCode::kOk;
}

Result<ExitCode> explain_offers(Context& context, ServerLink& server,
                                const OffersOptions& options) {
    const Result<Json> answer = server.get(target_of(options) + "&explain=true&limit=1");
    if (!answer) return answer.error();
    const Json* explanation = answer->find("explanation");
    if (explanation == nullptr) return internal("the server's answer explains nothing");
    if (context.output.is_json()) {
        print_json(context, *explanation);
        return ExitCode::kOk;
    }
    context.output.note(text_at(*explanation, "matching") + " of " +
                        text_at(*explanation, "offers_seen") +
                        " offers match; each condition in turn:");
    context.output.table(explanation_table(*explanation));
    return ExitCode::kOk;
}

// ---- watching -------------------------------------------------------------------------------

std::string count_of(std::size_t count, const std::string& what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

class Watch {
  public:
    Watch(Context& context, const OffersOptions& options, Duration every)
        : context_(context), options_(options), every_(every) {
        const ListView& usual = offers_list(options.wide);
        columns_.assign(usual.columns.begin(), usual.columns.end());
        columns_.push_back({"change", "change"});
    }

    // Until Ctrl-C. A market that does not answer for once is told, and asked again.
    ExitCode run(ServerLink& server) {
        Patience patience;
        do {
            const Result<Found> found = find_offers(server, options_);
            if (!found && before_.empty()) return fail(context_, found.error());
            draw(found);
        } while (patience.pause(every_));
        return ExitCode::kOk;
    }

  private:
    bool is_drawn() const {
        return context_.output.format() == Format::kTable && context_.output.is_terminal();
    }

    void draw(const Result<Found>& found) {
        std::ostream& out = context_.streams.out;
        if (is_drawn()) {
            out << kRedraw << "herder offers at " << local_time_now() << ", every "
                << to_text(every_) << "; Ctrl-C ends it\n\n";
        } else if (round_ > 0 && !context_.output.is_json()) {
            out << "\n";
        }
        ++round_;
        if (!found) return context_.output.note("! not answered: " + found.error().message);
        OfferChanges changes = compare_offers(round_ == 1 ? found->offers : before_, found->offers);
        print_items(context_, changes.offers, {columns_, "no offer matches"});
        if (changes.gone > 0) {
            context_.output.note(count_of(changes.gone, "offer") +
                                 " of the round before are gone or further back");
        }
        before_ = found->offers;
        out << std::flush;
    }

    static std::string local_time_now() {
        const Look look = current_look();
        return local_time(to_rfc3339(look.now), look);
    }

    Context& context_;
    const OffersOptions& options_;
    const Duration every_;
    std::vector<ViewColumn> columns_;
    Json::Array before_;
    int round_ = 0;
};

ExitCode list_offers(Context& context, const OffersOptions& options) {
    if (options.explain && options.watch)
        return fail(context, invalid("--explain and --watch do not go together; take one of them"));
    const Result<Duration> every = parse_duration(options.every);
    if (!every || *every < kWatchEveryMin) {
        return fail(context, invalid("--every '" + options.every +
                                     "' is no time of at least 1s, such as 10s"));
    }
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    if (options.watch) return Watch(context, options, *every).run(*server);
    const auto act = options.explain ? explain_offers : show_offers;
    const Result<ExitCode> done = act(context, *server, options);
    return done ? *done : fail(context, done.error());
}

void add_conditions(CLI::App& offers, OffersOptions& wish) {
    offers.add_option("--gpu", wish.gpu, "as RTX_4090 or A100; otherwise any");
    offers.add_option("--num-gpus,--count", wish.count, "GPUs in one machine")
        ->check(CLI::PositiveNumber);
    offers.add_option("--disk", wish.disk_gb, "GB that are needed; the price includes them")
        ->check(CLI::PositiveNumber);
    offers.add_option("--market", wish.market, "spot, on-demand or auto (both)")
        ->check(CLI::IsMember({"spot", "on-demand", "auto"}));
    offers.add_option("--max-price", wish.price_max, "dollars per hour for the whole machine");
    offers.add_option("--region", wish.region, "countries by their two letters, as DE,FR");
    offers.add_option("--min-reliability", wish.reliability_min, "as 0.98");
}

}  // namespace

void add_offers_commands(Commands& commands) {
    auto& wish = commands.keep<OffersOptions>();
    CLI::App& offers =
        commands.add("offers", "what the market has now, the cheapest first; rents nothing",
                     [&wish](Context& context) { return list_offers(context, wish); });
    add_conditions(offers, wish);
    offers
        .add_option("--sort", wish.sort,
                    "price, value (DLP/$), reliability, performance (DLP), download, upload or "
                    "duration; the best first")
        ->check(CLI::IsMember(
            {"price", "value", "reliability", "performance", "download", "upload", "duration"}));
    offers.add_option("--limit", wish.limit, "at most so many")->check(CLI::PositiveNumber);
    offers.add_flag("--wide", wish.wide, "all columns");
    offers.add_flag("--explain", wish.explain,
                    "how many offers each condition removes, and what a looser one would bring");
    offers.add_flag("-w,--watch", wish.watch, "go on showing them, changes marked, until Ctrl-C");
    offers.add_option("--every", wish.every, "how often --watch looks (default 10s)");
    offers.footer(
        "Columns as in Vast.ai's own command line: N GPUs; R reliability; Net_up and Net_down in\n"
        "Mb/s; Disk free GB; Max_Days until the host's offer ends; DLP the market's benchmark.\n"
        "$/hr is the whole machine with the disk asked for; for spot the lowest bid that wins "
        "now.\n" +
        offers.get_footer());
}

}  // namespace herder::cli
