#pragma once
// `herder run`: one job from submit to end with a server of its own, for CI and cloud functions.
#include "cli/app.h"

namespace herder {

void add_run_command(cli::Commands& commands);

}  // namespace herder
