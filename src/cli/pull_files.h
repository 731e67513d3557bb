#pragma once
// Copies several files here, one after the other, and shows how far it is; or only says what would
// come.
#include <vector>

#include "cli/app.h"
#include "cli/pulled_file.h"

namespace herder::cli {

struct WantedFile {
    PulledFile file;
    std::int64_t size = 0;
};

// Prints where each one lies. What lies here already with the same hash is not fetched again.
ExitCode pull_files(Context& context, ServerLink& server, std::vector<WantedFile> wanted);
// Prints the name and the size of each that would be fetched.
ExitCode tell_files(Context& context, const std::vector<WantedFile>& wanted);

}  // namespace herder::cli
