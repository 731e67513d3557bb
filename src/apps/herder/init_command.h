#pragma once
// `herder init`: looks at a folder and writes the files that a first job needs.
#include "cli/app.h"

namespace herder {

void add_init_command(cli::Commands& commands);

}  // namespace herder
