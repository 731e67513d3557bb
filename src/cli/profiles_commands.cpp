#include <CLI/App.hpp>

#include "cli/config_files.h"
#include "cli/groups.h"

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

void say_all(const LoadedProfiles& loaded, Context& context) {
    for (const ProfileFile& file : loaded.files)
        context.streams.err << file.said.to_text();
}

ExitCode list_profiles(const ProfilesOptions& options, Context& context) {
    const Result<LoadedProfiles> loaded = load_profiles(options.file);
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

ExitCode lint_profiles(const ProfilesOptions& options, Context& context) {
    const Result<LoadedProfiles> loaded = load_profiles(options.file);
    if (!loaded) return fail(context, loaded.error());
    say_all(*loaded, context);
    if (loaded->has_errors()) return ExitCode::kUsage;
    context.output.data(std::to_string(loaded->merged.all.size()) + " profiles are well formed");
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
        "lint", "check profiles",
        [&options](Context& context) { return lint_profiles(options, context); }, &group);
    for (CLI::App* command : {&list, &lint})
        command->add_option("--file", options.file, "only this file, not all places");
}

}  // namespace herder::cli
