#include "base/confined_path.h"

#include <filesystem>

namespace herder {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kPathMax = 4096;

}  // namespace

bool is_confined_path(const std::string& path) {
    if (path.empty() || path.front() == '/' || path.size() > kPathMax) return false;
    if (path.find('\0') != std::string::npos) return false;
    for (const fs::path& part : fs::path(path)) {
        if (part == "..") return false;
    }
    return true;
}

bool is_confined_link(const std::string& path, const std::string& target) {
    if (target.empty() || target.size() > kPathMax || target.front() == '/') return false;
    if (target.find('\0') != std::string::npos) return false;
    const fs::path end = (fs::path(path).parent_path() / target).lexically_normal();
    return end.empty() || *end.begin() != "..";
}

}  // namespace herder
