#include "panic_command.h"

#include <CLI/App.hpp>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/providers/vast/vast_provider.h"
#include "adapters/system/system_clock.h"
#include "base/money.h"
#include "cli/cells.h"
#include "cli/patience.h"
#include "cli/server_link.h"
#include "engine/panic.h"
#include "hold_note.h"
#include "identity.h"
#include "server_file.h"
#include "server_options.h"

namespace herder {

namespace {

using cli::Context;
using cli::ExitCode;

constexpr Duration kRoundEvery = seconds(5);
// Over a minute: what was rented just before may not be listed yet.
constexpr int kListingsToBeSure = 14;
constexpr Duration kLookEvery = seconds(2);
constexpr std::size_t kMachinesMax = 100'000;
constexpr char kQuestion[] =
    "End all of it now? Jobs are paused; what is in no checkpoint is lost.";

constexpr char kDirectEndsIt[] =
    "! the server does not do it: 'herder panic --direct' ends what is left without it";

struct PanicWish {
    std::string vast_url;
    bool dry_run = false;
    bool lift = false;
    bool direct = false;
};

std::string count_of(std::size_t count, const std::string& what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string who_asks() {
    const char* user = std::getenv("USER");
    return user == nullptr || *user == '\0' ? "herder panic" : std::string(user).substr(0, 100);
}

cli::Table machines_table() {
    return {.columns = {{.title = "CONTRACT", .key = "contract"},
                        {.title = "STATE", .key = "state"},
                        {.title = "$/H", .key = "price_per_hour", .right = true},
                        {.title = "JOB", .key = "job"},
                        {.title = "LABEL", .key = "label"}},
            .rows = {},
            .when_empty = "no machine has a label of ours"};
}

// What was found, and what will be done about it.
struct Report {
    cli::Table machines = machines_table();
    UsdPerHour rate{};
    std::size_t foreign = 0;
    std::optional<std::size_t> jobs;  // to be paused; nothing: only the server knows
};

void print_report(Context& context, const Report& report) {
    context.output.table(report.machines);
    std::string text = count_of(report.machines.rows.size(), "machine") + " at " +
                       to_text(report.rate) + " in all";
    if (report.jobs) text += ", " + count_of(*report.jobs, "job") + " to pause";
    if (report.foreign > 0) {
        text += "; " + count_of(report.foreign, "machine") + " with " +
                (report.foreign == 1 ? "another label is" : "other labels are") + " left alone";
    }
    context.output.note(text);
}

// True to go on. Otherwise `code` says how it ended.
bool has_consent(Context& context, const PanicWish& wish, ExitCode& code) {
    code = ExitCode::kOk;
    if (wish.dry_run) return false;
    const Result<bool> agreed = cli::confirm(context, kQuestion, cli::OnEnter::kNo);
    if (!agreed) code = cli::fail(context, agreed.error());
    if (agreed && !*agreed) context.output.note("nothing was ended");
    return agreed && *agreed;
}

ExitCode tell_end(Context& context, const std::string& how_to_go_on) {
    context.output.note(cli::tick(cli::current_look()) +
                        " nothing of ours costs money any more\nTo go on: " + how_to_go_on);
    return ExitCode::kOk;
}

// ---- through the server ---------------------------------------------------------------------

class ServerPanic {
  public:
    ServerPanic(Context& context, const PanicWish& wish, cli::ServerLink& server)
        : context_(context), wish_(wish), server_(server) {}

    ExitCode run() {
        const Result<Report> report = look();
        if (report) {
            print_report(context_, *report);
        } else {  // to end it matters more than to see it first
            context_.output.note("! what runs cannot be shown: " + report.error().message);
            if (wish_.dry_run) return cli::fail(context_, report.error());
        }
        ExitCode code = ExitCode::kOk;
        if (!has_consent(context_, wish_, code)) return code;
        cli::Json body{cli::Json::Object{}};
        body.set("actor", who_asks());
        const Result<cli::Json> held = server_.send("POST", "/renting/hold", body);
        if (!held) {
            context_.output.note(kDirectEndsIt);
            return cli::fail(context_, held.error());
        }
        remove_hold_note(context_.options.data_dir);  // the server itself remembers now
        context_.output.note(
            "the server rents nothing any more and has told the market to end " +
            count_of(static_cast<std::size_t>(cli::number_at(*held, "machines")), "machine"));
        return wait_for_end(*held);
    }

    ExitCode lift() {
        const Result<cli::Json> renting =
            server_.send("POST", "/renting/allow", cli::Json(cli::Json::Object{}));
        if (!renting) return cli::fail(context_, renting.error());
        // Of a call without the server: its next start would end all machines once more.
        remove_hold_note(context_.options.data_dir);
        const std::string jobs = paused_jobs(*renting);
        context_.output.note(
            "machines may be rented again" +
            (jobs.empty() ? std::string() : "; paused jobs go on with: herder resume" + jobs));
        return ExitCode::kOk;
    }

  private:
    Result<Report> look() {
        const Result<cli::Json::Array> machines = server_.list("/instances", kMachinesMax);
        if (!machines) return machines.error();
        const Result<cli::Json::Array> jobs = server_.list("/jobs?all=false", kMachinesMax);
        if (!jobs) return jobs.error();
        Report report;
        report.jobs = 0;
        for (const cli::Json& job : *jobs)
            *report.jobs += cli::text_at(job, "status") == "paused" ? 0 : 1;
        for (const cli::Json& machine : *machines) {
            if (cli::text_at(machine, "owner") == "foreign") {
                ++report.foreign;
                continue;
            }
            // Gone, and listed until its last charges are read.
            if (cli::text_at(machine, "state") == "closed") continue;
            const std::string price = cli::text_at(machine, "price_per_hour");
            report.rate = report.rate + UsdPerHour{parse_usd(price).value_or(Usd{}).micros};
            report.machines.rows.push_back(
                {cli::text_at(machine, "contract"), cli::text_at(machine, "state"), price,
                 cli::text_at(machine, "job"), cli::printable(cli::text_at(machine, "label"))});
        }
        return report;
    }

    static std::string paused_jobs(const cli::Json& renting) {
        std::string text;
        const cli::Json* jobs = renting.find("paused_jobs");
        if (jobs == nullptr || jobs->if_array() == nullptr) return text;
        for (const cli::Json& job : *jobs->if_array())
            text += " " + cli::printable(cli::text_of(&job));
        return text;
    }

    // A call that was taken closes nothing: the server looks at listings until none shows them.
    ExitCode wait_for_end(cli::Json renting) {
        cli::Patience patience;
        std::string told = cli::text_at(renting, "machines");
        while (cli::text_at(renting, "machines") != "0") {
            if (!patience.pause(kLookEvery)) {
                context_.output.note("the server goes on ending them; look with: herder instances");
                return ExitCode::kOk;
            }
            Result<cli::Json> next = server_.get("/renting");
            if (!next) {
                context_.output.note(kDirectEndsIt);
                return cli::fail(context_, next.error());
            }
            renting = std::move(*next);
            const std::string left = cli::text_at(renting, "machines");
            if (left != told) context_.output.note(left + " left");
            told = left;
        }
        const std::string jobs = paused_jobs(renting);
        return tell_end(
            context_, "herder panic --lift" + (jobs.empty() ? "" : ", then herder resume" + jobs));
    }

    Context& context_;
    const PanicWish& wish_;
    cli::ServerLink& server_;
};

// ---- straight to the market -----------------------------------------------------------------

class DirectPanic {
  public:
    DirectPanic(Context& context, const PanicWish& wish)
        : context_(context),
          wish_(wish),
          traffic_(clock_, [this](auto& lock, auto& changed, Duration d) {
              clock_.wait(lock, changed, d);
          }) {}

    ExitCode run() {
        Status opened = check_no_server();
        if (opened) opened = open();
        if (!opened) return cli::fail(context_, opened.error());
        const Result<Rented> rented = list_rented(*provider_, cluster_);
        if (!rented)
            return cli::fail(context_, rented.error().with_context("listing the machines"));
        print_report(context_, report_of(*rented));
        ExitCode code = ExitCode::kOk;
        if (!has_consent(context_, wish_, code)) return code;
        // First: a server that starts now must not rent again what is being ended.
        const Status noted = write_hold_note(context_.options.data_dir, who_asks());
        if (!noted) context_.output.note("! " + noted.error().message);
        return end_machines();
    }

  private:
    Status open() {
        Result<ClusterIdentity> cluster = load_cluster(context_.options.data_dir);
        if (!cluster) return cluster.error();
        cluster_ = std::move(*cluster);
        const Result<MarketAccount> account =
            find_market_account(wish_.vast_url, context_.options.chosen.spec);
        if (!account) return account.error();
        auto provider = vast::VastProvider::open(account->url, account->key, clock_, traffic_);
        if (!provider) return provider.error();
        provider_ = std::move(*provider);
        return ok();
    }

    static Report report_of(const Rented& rented) {
        Report report;
        report.rate = rented.rate;
        report.foreign = rented.foreign;
        for (const ListedMachine& machine : rented.ours) {
            report.machines.rows.push_back({std::to_string(machine.contract.value),
                                            to_string(machine.state),
                                            to_decimal(machine.gpu_price + machine.disk_price), "",
                                            cli::printable(machine.label)});
        }
        return report;
    }

    // It would rent anew what is ended here, and knows of no note.
    Status check_no_server() {
        const RunningServer server = find_running_server(context_.options.data_dir);
        if (server.pid == 0) return ok();
        const std::string pid = std::to_string(server.pid);
        return Error{ErrorCode::kConflict,
                     "a server (process " + pid +
                         ") works on this data folder and would rent again. Stop it first: kill " +
                         pid + " (kill -9 " + pid +
                         " if it hangs), then run 'herder panic --direct' again"};
    }

    ExitCode end_machines() {
        cli::Patience patience;
        PanicOptions options;
        options.listings_to_be_sure = kListingsToBeSure;
        options.wait = [&patience] { return patience.pause(kRoundEvery); };
        options.progress = [this, told = std::size_t{kMachinesMax}](std::size_t left) mutable {
            if (left == std::exchange(told, left)) return;
            context_.output.note(left == 0 ? "none is listed any more; looking on for a minute, "
                                             "for listings lag"
                                           : count_of(left, "machine") + " told to end");
        };
        const Result<std::vector<ListedMachine>> left = end_all(*provider_, cluster_, options);
        if (!left) return cli::fail(context_, left.error());
        if (left->empty()) {
            return tell_end(context_,
                            "herder up (its jobs wait, paused), herder panic --lift, then herder "
                            "resume JOB");
        }
        std::string contracts;
        for (const ListedMachine& machine : *left)
            contracts += " " + std::to_string(machine.contract.value);
        return cli::fail(
            context_, unavailable("still listed:" + contracts +
                                  "; run 'herder panic' again, or destroy them in the provider's "
                                  "console"));
    }

    Context& context_;
    const PanicWish& wish_;
    SystemClock clock_;
    vast::Traffic traffic_;
    ClusterIdentity cluster_;
    std::unique_ptr<vast::VastProvider> provider_;
};

// ---- the choice between the two -------------------------------------------------------------

// Lifts what was noted for the next server.
ExitCode lift_note(Context& context, const Error& no_server) {
    const std::string& folder = context.options.data_dir;
    if (read_hold_note(folder).empty()) return cli::fail(context, no_server);
    remove_hold_note(folder);
    context.output.note("the next 'herder up' may rent again, and its jobs go on by themselves");
    return ExitCode::kOk;
}

// A server elsewhere has the key of its labels in its own data folder: what is found with the key
// that lies here says nothing about its machines.
bool is_remote(const Context& context) {
    return !context.options.server_url.empty();
}

ExitCode tell_unreachable(Context& context, const Error& no_server) {
    return cli::fail(
        context,
        Error{no_server.code, no_server.message +
                                  ". Its machines can be ended only through it, or on its own "
                                  "host with 'herder panic --direct'"});
}

ExitCode panic(Context& context, const PanicWish& wish) {
    if (wish.direct && !wish.lift) return DirectPanic(context, wish).run();
    Result<cli::ServerLink> server = cli::ServerLink::open(context.options);
    const Result<cli::Json> renting =
        server ? server->get("/renting") : Result<cli::Json>(server.error());
    if (renting) {
        ServerPanic through(context, wish, *server);
        return wish.lift ? through.lift() : through.run();
    }
    if (wish.lift) return lift_note(context, renting.error());
    if (is_remote(context)) return tell_unreachable(context, renting.error());
    context.output.note("no server takes part (" + renting.error().message +
                        "); asking the market itself");
    return DirectPanic(context, wish).run();
}

}  // namespace

void add_panic_command(cli::Commands& commands) {
    auto& wish = commands.keep<PanicWish>();
    CLI::App& command = commands.add(
        "panic", "end all that costs money in this context: destroy every machine, pause every job",
        [&wish](Context& context) { return panic(context, wish); });
    command.add_flag("--dry-run", wish.dry_run, "only show what there is");
    command.add_flag("--lift", wish.lift, "let the server rent again; paused jobs stay paused");
    command.add_flag("--direct", wish.direct,
                     "without the server, with the account's key (the default where none answers)");
    command.add_option("--vast-url", wish.vast_url,
                       "another Vast-compatible market, with --direct");
    command.footer(
        "Asks once; -y does not. With a server it rents nothing until --lift, also after a\n"
        "restart. Without one the account's key and the data folder, which tells which labels are\n"
        "ours, are enough. Machines with other labels are never touched.\n" +
        command.get_footer());
}

}  // namespace herder
