// The agent's process: reads its settings, becomes the dead-man's switch, and runs the agent as its
// child, or one after another if they are killed.
#include <malloc.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <string_view>

#include "base/bytes.h"
#include "worker/agent.h"
#include "worker/container_age.h"
#include "worker/process_tree.h"

namespace {

int fail(const std::string& why) {
    std::fprintf(stderr, "herder-agent: %s\n", why.c_str());
    return 2;
}

int run_agent(herder::AgentSettings settings, herder::DeadManLink link,
              const herder::MachineClock& clock) {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT})
        sigaddset(&signals, signal);
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    const int signal_fd = ::signalfd(-1, &signals, SFD_CLOEXEC);
    return herder::Agent(std::move(settings), std::move(link), clock).run(signal_fd);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc > 1 && std::string_view(argv[1]) == "--version") {
        std::printf("herder-agent %s\n", HERDER_VERSION);
        return 0;
    }
    // Few arenas: a handful of threads shall not cost 64 MB of address space and 1 MB each.
    ::mallopt(M_ARENA_MAX, 2);
    ::signal(SIGPIPE, SIG_IGN);
    ::umask(077);
    auto settings = herder::take_settings(environ, HERDER_VERSION);
    if (!settings) return fail(settings.error().message);
    std::array<char, 32> secret{};
    if (::getrandom(secret.data(), secret.size(), 0) != static_cast<ssize_t>(secret.size())) {
        return fail("no randomness");
    }
    settings->dead_man.word = herder::to_hex({secret.data(), secret.size()});
    std::error_code error;
    std::filesystem::create_directories(settings->home, error);
    if (error) return fail("making folder " + settings->home + ": " + error.message());
    herder::become_subreaper();
    // One clock for all of them: what one has noted the next must be able to read.
    const herder::MachineClock clock(settings->time_scale);
    settings->container_began = clock.monotonic() - herder::container_age();
    return herder::guard_agent(settings->dead_man, clock,
                               [&](herder::DeadManLink link, const herder::AgentLife& life) {
                                   settings->life = life;
                                   return run_agent(*settings, std::move(link), clock);
                               });
}
