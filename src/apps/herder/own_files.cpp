#include "own_files.h"

#include <filesystem>
#include <fstream>

#include "base/digest.h"

namespace herder {

namespace fs = std::filesystem;

Result<std::string> hash_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return not_found("there is no file " + path);
    Sha256Stream hash;
    std::string block(1 << 20, '\0');
    while (file.read(block.data(), static_cast<std::streamsize>(block.size())) ||
           file.gcount() > 0) {
        hash.update(std::string_view(block).substr(0, static_cast<std::size_t>(file.gcount())));
    }
    return hash.finish_hex();
}

std::string beside_this_program(const std::string& name) {
    std::error_code error;
    return fs::read_symlink("/proc/self/exe", error).parent_path() / name;
}

}  // namespace herder
