#pragma once
// ls, du and rm in the folder of a stopped container (vast-api 2.10), without a shell. Nothing
// outside the folder is reached.
#include <string>

namespace herder::vastsim {

std::string run_folder_command(const std::string& root, const std::string& command);

}  // namespace herder::vastsim
