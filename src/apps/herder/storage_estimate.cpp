#include "storage_estimate.h"

#include <CLI/App.hpp>

#include "adapters/objects/remote/store_prices.h"
#include "core/checkpoints/part_plan.h"
#include "storage.h"

namespace herder {

namespace {

using cli::Context;
using cli::ExitCode;

struct EstimateOptions {
    std::string storage;
    std::string provider;
    std::string size;
    std::string every = "30m";
    std::string trained_a_day = "24h";
    std::string price;
    int files = 1;
    int kept = 3;
    int restores = 10;
};

Result<StorageUse> read_use(const EstimateOptions& wish, const remote::Abilities& abilities) {
    const auto size = parse_bytes(wish.size);
    if (!size) return size.error().with_context("--size");
    const auto every = parse_duration(wish.every);
    if (!every) return every.error().with_context("--every");
    const auto day = parse_duration(wish.trained_a_day);
    if (!day) return day.error().with_context("--hours");
    if (size->count < 1 || size->count > gigabytes(16'000).count)
        return invalid("--size: a checkpoint has between 1 byte and 16 TB");
    if (every->us < seconds(1).us) return invalid("--every: at least a second");
    if (day->us < 1 || *day > hours(24)) return invalid("--hours: a day has 24h at most");
    StorageUse use;
    use.checkpoint = *size;
    use.every = *every;
    use.trained_a_day = *day;
    use.files = wish.files;
    use.kept = wish.kept;
    use.restores = wish.restores;
    // As if all files had one size: it is what the large ones have that counts.
    const Bytes one{std::max<std::int64_t>(1, size->count / wish.files)};
    const Bytes part = choose_part_size(one, abilities.part_size_min, abilities.parts_max);
    use.parts = wish.files * count_parts(one, part);
    return use;
}

Result<remote::KnownPrices> find_prices(const EstimateOptions& wish, const std::string& provider) {
    auto known = remote::prices_of(provider);
    if (wish.price.empty() && !known) {
        return not_found("the prices of '" + provider +
                         "' are not known here; name --price DOLLARS for a gigabyte and month, or "
                         "--provider aws, gcs, azure, r2 or b2");
    }
    if (wish.price.empty()) return std::move(*known);
    const auto price = parse_usd(wish.price);
    if (!price) return price.error().with_context("--price");
    remote::KnownPrices given = known.value_or(remote::KnownPrices{{}, "storage alone"});
    given.prices.gigabyte_month = *price;
    return given;
}

cli::Table table_of(const StorageBill& bill) {
    cli::Table table;
    table.columns = {{"WHAT", "what"}, {"AMOUNT", "amount"}, {"COST", "cost", true}};
    table.rows = {
        {"storage", to_text(bill.stored) + " on average", to_text(bill.storage)},
        {"requests",
         std::to_string(bill.writes) + " writes, " + std::to_string(bill.reads) + " reads",
         to_text(bill.requests)},
        {"traffic to machines", to_text(bill.sent), to_text(bill.traffic)},
        {"a month", std::to_string(bill.checkpoints) + " checkpoints", to_text(bill.total())}};
    return table;
}

ExitCode estimate(Context& context, const EstimateOptions& wish) {
    remote::Abilities abilities = remote::preset_of(wish.provider.empty() ? "aws" : wish.provider);
    if (!wish.storage.empty()) {
        const SystemClock world;
        const auto record = find_storage(context.options.data_dir, {wish.storage, ""}, world);
        if (!record) return cli::fail(context, record.error());
        abilities = record->abilities;
        if (az::is_azure(record->location))
            abilities.provider = "azure";
        else if (const auto location = s3::parse_location(record->location))
            abilities.provider = s3::provider_of(*location);
    }
    if (!wish.provider.empty()) abilities.provider = wish.provider;
    const auto prices = find_prices(wish, abilities.provider);
    if (!prices) return cli::fail(context, prices.error());
    auto use = read_use(wish, abilities);
    if (!use) return cli::fail(context, use.error());
    use->copies_parts = abilities.provider == "azure";
    context.output.table(table_of(estimate_month(*use, prices->prices)));
    context.output.note("Prices of " + abilities.provider + " (" + prices->note +
                        "), 30 days; look at your provider's own list.");
    const std::string& kept = context.options.chosen.spec.logs_keep;
    context.output.note("Logs and metrics come on top; they are kept " +
                        (kept.empty() || kept == "forever" ? std::string("for ever")
                                                           : "for " + kept + " after a job's end") +
                        " (logs_keep of the context, --logs-keep of 'herder up').");
    return ExitCode::kOk;
}

}  // namespace

void add_storage_estimate(cli::Commands& commands, CLI::App& group) {
    auto& wish = commands.keep<EstimateOptions>();
    CLI::App& command = commands.add(
        "estimate", "what a month of checkpoints costs",
        [&wish](Context& context) { return estimate(context, wish); }, &group);
    command.add_option("STORAGE", wish.storage, "a name or a location; otherwise AWS");
    command.add_option("--size", wish.size, "of one checkpoint, as 12GB")->required();
    command.add_option("--files", wish.files, "in one checkpoint; default 1")
        ->check(CLI::Range(1, 10'000));
    command.add_option("--every", wish.every, "time between two; default 30m");
    command.add_option("--keep", wish.kept, "how many are kept; default 3")
        ->check(CLI::Range(1, 100'000));
    command.add_option("--hours", wish.trained_a_day, "of training a day; default 24h");
    command.add_option("--restores", wish.restores, "in the month; default 10")
        ->check(CLI::Range(0, 1'000'000));
    command.add_option("--provider", wish.provider, "aws, gcs, azure, r2 or b2");
    command.add_option("--price", wish.price, "dollars for a gigabyte and month");
}

}  // namespace herder
