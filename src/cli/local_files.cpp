#include "cli/local_files.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace herder::cli {

namespace {

constexpr std::size_t kSizeMax = 4 << 20;

}  // namespace

Result<std::string> read_file(const std::string& path) {
    std::error_code failed;
    if (std::filesystem::is_directory(path, failed)) {
        return invalid("'" + path + "' is a folder; name a file in it");
    }
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) return not_found("cannot read '" + path + "': " + std::strerror(errno));
    std::string text(kSizeMax + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > kSizeMax) return invalid("'" + path + "' is larger than 4 MB");
    return text;
}

std::optional<std::string> find_ssh_key() {
    const char* home = std::getenv("HOME");
    const std::filesystem::path folder =
        std::filesystem::path(home == nullptr ? "" : home) / ".ssh";
    std::error_code ignored;
    for (const char* name : {"id_ed25519.pub", "id_ecdsa.pub", "id_rsa.pub"}) {
        if (std::filesystem::exists(folder / name, ignored)) return (folder / name).string();
    }
    return std::nullopt;
}

}  // namespace herder::cli
