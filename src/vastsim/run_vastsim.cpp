#include "vastsim/run_vastsim.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/log.h"
#include "base/money.h"
#include "vastsim/market_server.h"

namespace herder::vastsim {

namespace {

int fail(const Error& error, int code) {
    log_error("vastsim.failed", {{"reason", error.message}});
    return code;
}

// A folder of our own, deleted with everything in it when the market ends.
class StateFolder {
  public:
    explicit StateFolder(const std::string& wanted) {
        std::error_code failed;
        if (!wanted.empty()) {
            std::filesystem::create_directories(wanted, failed);
            if (!failed) path_ = std::filesystem::absolute(wanted);
            return;
        }
        char name[] = "/tmp/vastsim-XXXXXX";
        if (const char* made = mkdtemp(name)) path_ = made;
        is_temporary_ = true;
    }
    ~StateFolder() {
        std::error_code ignored;
        if (is_temporary_ && !path_.empty()) std::filesystem::remove_all(path_, ignored);
    }
    StateFolder(const StateFolder&) = delete;
    StateFolder& operator=(const StateFolder&) = delete;
    const std::string& path() const { return path_; }

  private:
    std::string path_;
    bool is_temporary_ = false;
};

sigset_t block_end_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

void announce(const Options& options, const MarketServer& server, Isolation isolation) {
    log_info("vastsim.serving", {{"url", server.url()},
                                 {"scenario", options.scenario},
                                 {"seed", std::to_string(options.seed)},
                                 {"time_scale", options.time_scale}});
    if (isolation == Isolation::kPlain) {
        log_warn("vastsim.plain_containers",
                 {{"reason", "no right to make namespaces"},
                  {"effect", "containers can see the files of this user"}});
    }
    if (!options.url_file.empty()) {
        // Written beside and renamed, so that a reader never sees half of it.
        std::ofstream(options.url_file + ".new") << server.url() << '\n';
        std::error_code ignored;
        std::filesystem::rename(options.url_file + ".new", options.url_file, ignored);
    }
    if (options.on_serving) options.on_serving(server.url(), isolation);
}

}  // namespace

Result<std::int64_t> parse_time_scale(const std::string& text) {
    const Result<Usd> parsed = parse_usd(text);  // the same decimal form, in millionths
    if (!parsed || parsed->micros < 1000 || parsed->micros > 1'000'000'000'000) {
        return invalid("time scale '" + text + "' must be a number from 0.001 to 1000000");
    }
    return parsed->micros / 1000;
}

int run_vastsim(const Options& options) {
    const Result<std::int64_t> scale = parse_time_scale(options.time_scale);
    if (!scale) return fail(scale.error(), 2);
    Result<Scenario> scenario = load_scenario(options.scenario);
    if (!scenario) return fail(scenario.error(), 2);
    for (const std::string& assignment : options.switches) {
        const Status set = set_scenario_key(*scenario, assignment);
        if (!set) return fail(set.error(), 2);
    }
    const pid_t parent = getppid();
    const sigset_t signals = block_end_signals();
    if (options.die_with_parent) {
        prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
        if (getppid() != parent) return 0;
    }
    const StateFolder folder(options.folder);
    if (folder.path().empty()) {
        return fail(internal("cannot create the folder for containers '" + options.folder + "'"),
                    1);
    }
    auto runner = std::make_unique<ProcessRunner>(folder.path(), options.isolation);
    const Isolation isolation = runner->isolation();
    auto server = MarketServer::start({.listen_address = options.listen_address,
                                       .scenario = *scenario,
                                       .seed = options.seed,
                                       .time_scale_milli = *scale,
                                       .api_key = options.api_key,
                                       .admin_token = options.admin_token},
                                      std::move(runner));
    if (!server) return fail(server.error(), 1);
    announce(options, **server, isolation);
    int received = 0;
    sigwait(&signals, &received);
    (*server)->stop();
    server->reset();
    return 0;
}

}  // namespace herder::vastsim
