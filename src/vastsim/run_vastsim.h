#pragma once
// `herder vastsim` without its command line: starts a market with real containers and serves until
// it is told to end (SIGTERM, SIGINT) or its parent dies.
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "vastsim/process_runner.h"

namespace herder::vastsim {

struct Options {
    std::string listen_address = "127.0.0.1:0";
    std::string scenario = "calm";      // built-in name or file
    std::vector<std::string> switches;  // "NAME=VALUE" over the scenario's keys
    std::uint64_t seed = 1;
    std::string time_scale = "1";  // market seconds per real second, decimal
    std::string api_key = "demo";
    std::string admin_token;  // empty: none asked
    // Where containers have their folders; empty: a new folder below /tmp, deleted at the end.
    std::string folder;
    std::string url_file;  // when set, the market's URL is written here once it serves
    // Called once it serves, so that the program can tell its user.
    std::function<void(const std::string& url, Isolation isolation)> on_serving;
    bool die_with_parent = false;
    Isolation isolation = Isolation::kNamespaces;  // falls back to plain, and says so
};

// "1", "60", "0.5" in thousandths; refuses what is not above zero.
Result<std::int64_t> parse_time_scale(const std::string& text);

// Blocks; returns the exit code of the program: 0 when ended by a signal, 2 for wrong options, 1
// when it could not start; the reason is logged. Call it before other threads exist: it takes over
// SIGTERM and SIGINT.
int run_vastsim(const Options& options);

}  // namespace herder::vastsim
