#pragma once
// The options that `herder up` and `herder run` share: which market, which addresses.
#include <memory>
#include <string>

#include "child_market.h"
#include "server_app.h"

namespace CLI {
class App;
}

namespace herder {

struct UpOptions {
    ServerOptions server;
    std::string budgets_file;  // --budgets; empty: the nearest budgets.yaml
    std::string time_scale = "1";
    std::uint64_t seed = 1;
    bool demo = false;
    bool detach = false;
};

void add_up_options(CLI::App& command, UpOptions& up);

// Completes the options: starts the pretend market (returned; it ends with the object) or finds the
// account's key. Null without --demo.
Result<std::unique_ptr<ChildMarket>> prepare_market(UpOptions& up, const std::string& data_dir);

}  // namespace herder
