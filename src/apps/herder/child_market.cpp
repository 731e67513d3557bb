#include "child_market.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "adapters/system/system_clock.h"

namespace herder {

namespace {

constexpr int kStartTries = 400;  // of 25 ms

[[noreturn]] void become_market(const std::string& url_file, std::uint64_t seed,
                                const std::string& scale) {
    // Its own group: Ctrl-C on the terminal goes to us, and we end it in order.
    setpgid(0, 0);
    const std::string seed_text = std::to_string(seed);
    const std::vector<const char*> arguments = {
        "herder",       "vastsim",     "--listen",          "127.0.0.1:0", "--scenario",
        "calm",         "--seed",      seed_text.c_str(),   "--url-file",  url_file.c_str(),
        "--time-scale", scale.c_str(), "--die-with-parent", nullptr};
    execv("/proc/self/exe", const_cast<char* const*>(arguments.data()));
    _exit(127);
}

}  // namespace

Result<std::unique_ptr<ChildMarket>> ChildMarket::start(const std::string& data_dir,
                                                        std::uint64_t seed,
                                                        const std::string& time_scale) {
    const std::string url_file = data_dir + "/market.url";
    std::error_code ignored;
    std::filesystem::create_directories(data_dir, ignored);
    std::filesystem::remove(url_file, ignored);
    const pid_t pid = fork();
    if (pid < 0) return unavailable("cannot start the demo market: fork failed");
    if (pid == 0) become_market(url_file, seed, time_scale);
    std::unique_ptr<ChildMarket> market(new ChildMarket(pid, ""));
    const SystemClock clock;
    for (int i = 0; i < kStartTries; ++i) {
        std::ifstream file(url_file);
        if (std::getline(file, market->url_) && !market->url_.empty()) return market;
        if (waitpid(pid, nullptr, WNOHANG) == pid) {
            market->pid_ = 0;
            return unavailable("the demo market ended at once; its messages stand above");
        }
        clock.sleep(milliseconds(25));
    }
    return Error{ErrorCode::kTimedOut, "the demo market did not begin to serve within 10 seconds"};
}

ChildMarket::~ChildMarket() {
    if (pid_ <= 0) return;
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
}

}  // namespace herder
