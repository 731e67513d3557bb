#pragma once
// The options that `herder up` and `herder run` share: which market, which addresses.
#include <memory>
#include <string>

#include "child_market.h"
#include "cli/app.h"
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

struct MarketAccount {
    std::string url;
    std::string key;
    std::string source;  // of the key: a variable or a file
    std::string hides;   // a file with another key that the variable hides; empty: none
};
// The market of `url`, else of the context, else of $VAST_URL, else Vast.ai, with the context's
// key.
Result<MarketAccount> find_market_account(const std::string& url,
                                          const config::ContextSpec& context);

// The budgets file that was asked for, else the context's; empty: the usual places.
std::string budgets_of(const UpOptions& up, const cli::ChosenContext& chosen);

// Completes the options from the chosen context: starts the pretend market (returned; it ends with
// the object) or finds the account's key. Null without --demo.
Result<std::unique_ptr<ChildMarket>> prepare_market(UpOptions& up,
                                                    const cli::GlobalOptions& options);

}  // namespace herder
