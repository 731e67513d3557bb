#pragma once
// The command groups of this module, one line each. A new group is a file NAME_commands.cpp with
// one function here and one entry in kGroups of app.cpp.
#include "cli/app.h"

namespace herder::cli {

void add_version_commands(Commands& commands);  // version

}  // namespace herder::cli
