#pragma once
// `herder panic`: ends everything that costs money under our labels, with or without a server.
#include "cli/app.h"

namespace herder {

void add_panic_command(cli::Commands& commands);

}  // namespace herder
