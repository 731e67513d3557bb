#pragma once
// `herder storage add|ls|test|probe`.
#include "cli/app.h"

namespace herder {

void add_storage_commands(cli::Commands& commands);

}  // namespace herder
