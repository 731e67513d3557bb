#include <CLI/App.hpp>
#include <set>

#include "adapters/http/url.h"
#include "cli/cells.h"
#include "cli/config_files.h"
#include "cli/groups.h"
#include "cli/server_link.h"
#include "config/accelerators.h"
#include "config/profiles_lint.h"

namespace herder::cli {

namespace {

struct ProfilesOptions {
    std::string file;
};

std::string price_of(const config::Profile& profile) {
    if (!profile.price_max) return "";
    return to_decimal(profile.price_max->of_machine(profile.gpu_count.value_or(1)));
}

std::vector<std::string> row_of(const config::Profile& profile) {
    return {profile.name,
            profile.gpu_name.value_or(""),
            std::to_string(profile.gpu_count.value_or(1)),
            price_of(profile),
            profile.reliability_min_ppm ? to_decimal(Usd{*profile.reliability_min_ppm}) : "",
            profile.max_duration ? to_text(*profile.max_duration) : "",
            profile.file + ":" + std::to_string(profile.line)};
}

// Once: a file that says nothing but what a nearer one has said (the profiles of the checkout and
// those built in are the same) is left out.
void say_all(const LoadedProfiles& loaded, Context& context) {
    std::set<std::pair<std::string, std::string>> said;
    for (const ProfileFile& file : loaded.files) {
        bool is_new = false;
        for (const config::Diagnostic& one : file.said.list())
            is_new = said.emplace(one.pointer, one.message).second || is_new;
        if (is_new) context.streams.err << file.said.to_text();
    }
}

ExitCode list_profiles(const ProfilesOptions& options, Context& context) {
    const Result<LoadedProfiles> loaded =
        load_profiles(options.file, context.options.chosen.spec.profiles_file);
    if (!loaded) return fail(context, loaded.error());
    say_all(*loaded, context);
    if (loaded->has_errors()) return ExitCode::kUsage;
    Table table{.columns = {{.title = "NAME", .key = "name"},
                            {.title = "GPU", .key = "gpu_name"},
                            {.title = "N", .key = "num_gpus", .right = true, .raw = true},
                            {.title = "MAX $/H", .key = "max_price_per_hour", .right = true},
                            {.title = "REL.", .key = "reliability_min", .right = true},
                            {.title = "MAX TIME", .key = "max_duration", .right = true},
                            {.title = "FROM", .key = "origin"}},
                .when_empty = "no profiles"};
    for (const config::Profile& profile : loaded->merged.all)
        table.rows.push_back(row_of(profile));
    context.output.table(table);
    return ExitCode::kOk;
}

// The query for machines with the profile's GPUs at any price.
std::string offers_query(const config::Profile& profile) {
    http::Query query;
    if (profile.gpu_name) query.add("gpu", *profile.gpu_name);
    query.add("count", std::to_string(profile.gpu_count.value_or(1)));
    if (profile.disk) {
        query.add("disk_gb", std::to_string(profile.disk->count / gigabytes(1).count));
    }
    query.add("market", config::to_string(profile.market.value_or(Market::kAuto)));
    return query.text();
}

// What the market has for one profile now.
struct MarketView {
    config::CheapestOffer cheapest;
    std::size_t kind = 0;  // machines with these GPUs, at any price and of any reliability
    std::size_t fitting = 0;
};

// Offers of a host below the profile's reliability do not count for the cheapest.
Result<MarketView> look_at_market(ServerLink& server, const config::Profile& profile) {
    constexpr std::size_t kOffersMax = 1000;
    const Result<Json::Array> offers = server.list("/offers?" + offers_query(profile), kOffersMax);
    if (!offers) return offers.error();
    MarketView view{.cheapest = {profile.name, std::nullopt}};
    std::optional<UsdPerHour> limit;
    if (profile.price_max) limit = profile.price_max->of_machine(profile.gpu_count.value_or(1));
    for (const Json& offer : *offers) {
        const Result<Usd> price = parse_usd(text_at(offer, "price_per_hour"));
        const Result<Usd> reliability = parse_usd(text_at(offer, "reliability"));
        if (!price) continue;
        ++view.kind;
        if (reliability && reliability->micros < profile.reliability_min_ppm.value_or(0)) continue;
        const UsdPerHour rate{price->micros};
        if (!view.cheapest.price || rate < *view.cheapest.price) view.cheapest.price = rate;
        if (!limit || rate <= *limit) ++view.fitting;
    }
    return view;
}

Table market_table(const std::vector<MarketView>& views, const config::Profiles& profiles) {
    Table table{
        .columns = {{.title = "NAME", .key = "name"},
                    {.title = "OFFERS", .key = "offers_fitting", .right = true, .raw = true},
                    {.title = "OF ITS KIND", .key = "offers", .right = true, .raw = true},
                    {.title = "CHEAPEST $/H", .key = "cheapest_per_hour", .right = true},
                    {.title = "MAX $/H", .key = "max_price_per_hour", .right = true}},
        .when_empty = "no profiles"};
    for (const MarketView& view : views) {
        const config::Profile* profile = profiles.find(view.cheapest.profile);
        table.rows.push_back({view.cheapest.profile, std::to_string(view.fitting),
                              std::to_string(view.kind),
                              view.cheapest.price ? to_decimal(*view.cheapest.price) : "",
                              profile == nullptr ? "" : price_of(*profile)});
    }
    return table;
}

// Warnings go to the file that each profile stands in; returns how many profiles found no offer.
Result<int> compare_with_market(LoadedProfiles& loaded, ServerLink& server, Table& table) {
    std::vector<MarketView> views;
    std::vector<config::CheapestOffer> offers;
    for (const config::Profile& profile : loaded.merged.all) {
        const Result<MarketView> view = look_at_market(server, profile);
        if (!view) return view.error();
        views.push_back(*view);
        offers.push_back(view->cheapest);
    }
    table = market_table(views, loaded.merged);
    int warnings = 0;
    for (ProfileFile& file : loaded.files) {
        config::Profiles counting;  // without those that a nearer file hides
        for (const config::Profile& profile : file.profiles.all) {
            const config::Profile* winner = loaded.merged.find(profile.name);
            if (winner != nullptr && winner->file == profile.file) counting.all.push_back(profile);
        }
        warnings += config::lint_profiles(counting, offers, file.said);
    }
    return warnings;
}

ExitCode lint_profiles(const ProfilesOptions& options, Context& context) {
    Result<LoadedProfiles> loaded =
        load_profiles(options.file, context.options.chosen.spec.profiles_file);
    if (!loaded) return fail(context, loaded.error());
    if (loaded->has_errors()) {
        say_all(*loaded, context);
        return ExitCode::kUsage;
    }
    const std::string count = std::to_string(loaded->merged.all.size()) + " profiles";
    Result<ServerLink> server = ServerLink::open(context.options);
    Table table;
    const Result<int> warnings =
        server ? compare_with_market(*loaded, *server, table) : Result<int>(server.error());
    say_all(*loaded, context);
    if (!warnings) {
        context.output.note("prices were not compared: " + warnings.error().message);
        context.output.data(count + " are well formed");
        return ExitCode::kOk;
    }
    context.output.table(table);
    context.output.note(count + ", " + std::to_string(*warnings) + " without an offer now");
    return ExitCode::kOk;
}

}  // namespace

void add_profiles_commands(Commands& commands) {
    CLI::App& group = commands.group("profiles", "kinds of machines that job files can name");
    auto& options = commands.keep<ProfilesOptions>();
    CLI::App& list = commands.add(
        "ls", "list the profiles and the files they come from",
        [&options](Context& context) { return list_profiles(options, context); }, &group);
    CLI::App& lint = commands.add(
        "lint", "check profiles, and tell how many offers each finds now",
        [&options](Context& context) { return lint_profiles(options, context); }, &group);
    for (CLI::App* command : {&list, &lint})
        command->add_option("--file", options.file, "only this file, not all places");
}

}  // namespace herder::cli
