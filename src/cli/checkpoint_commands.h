#pragma once
// `herder checkpoints ls|show|download|verify`, added with the other commands of artifacts.
#include "cli/app.h"

namespace herder::cli {

void add_checkpoint_commands(Commands& commands);

}  // namespace herder::cli
