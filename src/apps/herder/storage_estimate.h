#pragma once
// `herder storage estimate`: what a month of checkpoints costs.
#include "cli/app.h"

namespace CLI {
class App;
}

namespace herder {

void add_storage_estimate(cli::Commands& commands, CLI::App& group);

}  // namespace herder
