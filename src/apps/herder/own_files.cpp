#include "own_files.h"

#include <filesystem>

namespace herder {

namespace fs = std::filesystem;

std::string beside_this_program(const std::string& name) {
    std::error_code error;
    return fs::read_symlink("/proc/self/exe", error).parent_path() / name;
}

}  // namespace herder
