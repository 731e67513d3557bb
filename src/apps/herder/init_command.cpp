#include "init_command.h"

#include <fcntl.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>

#include "adapters/providers/vast/api_key.h"
#include "base/bytes.h"
#include "cli/init_files.h"
#include "cli/local_files.h"

namespace herder {

namespace {

namespace fs = std::filesystem;
using cli::Context;
using cli::ExitCode;

struct InitOptions {
    std::string folder = ".";
    std::string monthly = "50";
    bool force = false;
};

std::optional<std::string> environment(const char* name) {
    const char* value = std::getenv(name);
    if (value == nullptr) return std::nullopt;
    return value;
}

void tell_key(Context& context) {
    const Result<vast::ApiKey> key = vast::find_api_key(environment);
    if (!key) {
        context.output.note("No Vast.ai key yet: " + key.error().message);
        return;
    }
    context.output.note("Found the Vast.ai key in " + key->source +
                        (key->hides.empty() ? "" : "; it hides another one in " + key->hides));
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

ExitCode run_init(Context& context, const InitOptions& options) {
    const Result<Usd> limit = parse_usd(options.monthly);
    if (!limit || limit->micros <= 0) {
        return fail(context, invalid("--monthly-limit '" + options.monthly +
                                     "' is no amount of dollars; write for example 50"));
    }
    const Result<cli::ProjectFacts> facts = cli::scan_project(options.folder);
    if (!facts) return fail(context, facts.error());
    tell_key(context);
    tell_ssh_key(context);
    tell_facts(context, *facts);
    const fs::path folder(options.folder);
    for (const cli::InitFile& file : cli::make_init_files(*facts, *limit)) {
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
    command.add_flag("--force", options.force, "replace files that are there already");
}

}  // namespace herder
