#pragma once
// `herder up`, `herder vastsim` and `herder run`: the commands that are servers themselves.
#include "cli/app.h"

namespace herder {

void add_server_commands(cli::Commands& commands);

}  // namespace herder
