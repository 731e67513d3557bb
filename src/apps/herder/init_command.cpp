#include "init_command.h"

#include <fcntl.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "adapters/providers/vast/vast_provider.h"
#include "adapters/system/system_clock.h"
#include "base/bytes.h"
#include "cli/cells.h"
#include "cli/init_files.h"
#include "cli/init_templates.h"
#include "cli/local_files.h"
#include "server_options.h"

namespace herder {

namespace {

namespace fs = std::filesystem;
using cli::Context;
using cli::ExitCode;

struct InitOptions {
    std::string folder = ".";
    std::string monthly = "50";
    std::string from;  // a template; empty: what is in the folder
    bool list = false;
    bool force = false;
};

// Asks the market once; the file of the key is enough for everything else.
Result<AccountInfo> ask_account(const MarketAccount& account) {
    const SystemClock clock;
    vast::Traffic traffic(
        clock, [&clock](auto& lock, auto& changed, Duration d) { clock.wait(lock, changed, d); });
    auto provider = vast::VastProvider::open(account.url, account.key, clock, traffic);
    if (!provider) return provider.error();
    return (*provider)->account();
}

void tell_account(Context& context) {
    const Result<MarketAccount> account = find_market_account("", context.options.chosen.spec);
    if (!account) {
        context.output.note("No Vast.ai key yet: " + account.error().message);
        return;
    }
    context.output.note(
        "Found the Vast.ai key in " + account->source +
        (account->hides.empty() ? "" : "; it hides another one in " + account->hides));
    const Result<AccountInfo> info = ask_account(*account);
    context.output.note(info ? "Vast.ai: user " + cli::printable(info->user) + ", credit " +
                                   to_text(info->credit)
                             : "The credit is not known: " + info.error().message);
}

void tell_ssh_key(Context& context) {
    const auto key = cli::find_ssh_key();
    context.output.note(key ? "Found the ssh key " + *key +
                                  "; jobs do not need it, only your own logins to a machine do"
                            : "No ssh key in ~/.ssh; jobs do not need one");
}

void tell_facts(Context& context, const cli::ProjectFacts& facts) {
    const std::string script = facts.script.empty() ? "no script to run" : facts.script;
    context.output.note("Detected: " + script + ", " + to_string(facts.framework) + ", " +
                        (facts.requirements.empty() ? "no list of packages" : facts.requirements));
    for (const cli::LargeFile& file : facts.large_files) {
        context.output.note("Large: " + file.path + " (" +
                            to_text(Bytes{static_cast<std::int64_t>(file.size)}) +
                            ") stays at home; bring data with mounts");
    }
}

// False: it is there already, and was left as it is.
Result<bool> write_file(const std::string& path, const std::string& text, bool force) {
    const int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (force ? O_TRUNC : O_EXCL);
    const int fd = ::open(path.c_str(), flags, 0644);
    if (fd < 0 && errno == EEXIST) return false;
    const bool written =
        fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    const int why = errno;
    if (fd >= 0) ::close(fd);
    if (written) return true;
    return unavailable("cannot write " + path + ": " + std::strerror(why));
}

// A template brings its own job; limits, profiles and what stays at home are the same.
Result<std::vector<cli::InitFile>> files_for(const InitOptions& options,
                                             const cli::ProjectFacts& facts, Usd limit) {
    std::vector<cli::InitFile> files = cli::make_init_files(facts, limit);
    if (options.from.empty()) return files;
    Result<cli::InitTemplate> from = cli::find_template(options.from);
    if (!from) return from.error();
    std::erase_if(files, [](const cli::InitFile& file) { return file.name == "job.yaml"; });
    files.insert(files.begin(), from->files.begin(), from->files.end());
    return files;
}

// A template may begin in a folder of its own, which is made.
Result<cli::ProjectFacts> look_at(const InitOptions& options) {
    if (!options.from.empty()) {
        const Result<cli::InitTemplate> from = cli::find_template(options.from);
        if (!from) return from.error();
        std::error_code made;
        fs::create_directories(options.folder, made);
    }
    return cli::scan_project(options.folder);
}

ExitCode list_templates(Context& context) {
    cli::Table table{
        .columns = {{.title = "NAME", .key = "name"}, {.title = "WHAT IT IS", .key = "title"}}};
    for (const cli::InitTemplate& one : cli::init_templates())
        table.rows.push_back({one.name, one.title});
    context.output.table(table);
    return ExitCode::kOk;
}

ExitCode run_init(Context& context, const InitOptions& options) {
    if (options.list) return list_templates(context);
    const Result<Usd> limit = parse_usd(options.monthly);
    if (!limit || limit->micros <= 0) {
        return fail(context, invalid("--monthly-limit '" + options.monthly +
                                     "' is no amount of dollars; write for example 50"));
    }
    const Result<cli::ProjectFacts> facts = look_at(options);
    if (!facts) return fail(context, facts.error());
    tell_account(context);
    tell_ssh_key(context);
    if (options.from.empty()) tell_facts(context, *facts);
    const fs::path folder(options.folder);
    const Result<std::vector<cli::InitFile>> files = files_for(options, *facts, *limit);
    if (!files) return fail(context, files.error());
    for (const cli::InitFile& file : *files) {
        const std::string path = (folder / file.name).lexically_normal().string();
        const Result<bool> written = write_file(path, file.text, options.force);
        if (!written) return fail(context, written.error());
        if (*written) {
            context.output.data(path);
        } else {
            context.output.note("kept " + path + ", which is there already; --force replaces it");
        }
    }
    const std::string job = (folder / "job.yaml").lexically_normal().string();
    const std::string budgets = (folder / "budgets.yaml").lexically_normal().string();
    context.output.note("Next: read " + job +
                        ", then\n  herder up                     # or 'herder "
                        "up --demo', without an account\n  herder budget set " +
                        budgets + "   # at most $" + to_decimal(*limit) +
                        " a month\n  herder launch " + job + " --dry-run");
    return ExitCode::kOk;
}

}  // namespace

void add_init_command(cli::Commands& commands) {
    auto& options = commands.keep<InitOptions>();
    CLI::App& command =
        commands.add("init", "write job.yaml, .herderignore, gpu_profiles.yaml and budgets.yaml",
                     [&options](Context& context) { return run_init(context, options); });
    command.add_option("DIR", options.folder, "the project's folder (default: this one)");
    command.add_option("--monthly-limit", options.monthly, "dollars a month (default: 50)");
    command.add_option("--template", options.from,
                       "a project to begin with instead of what is in the folder (see --list)");
    command.add_flag("--list", options.list, "list the templates");
    command.add_flag("--force", options.force, "replace files that are there already");
}

}  // namespace herder
