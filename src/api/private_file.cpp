#include "api/private_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace herder::api {

namespace fs = std::filesystem;

namespace {

void sync_folder_of(const std::string& path) {
    const std::string folder = fs::path(path).parent_path().string();
    const int fd =
        ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    (void)::fsync(fd);
    ::close(fd);
}

}  // namespace

Status write_private_file(const std::string& path, const std::string& text) {
    const std::string temporary = path + ".new";
    std::error_code error;
    fs::remove(temporary, error);  // of a write that was broken off, with whatever mode
    const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) return unavailable("cannot create " + temporary);
    const bool written =
        ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
        ::fsync(file) == 0;
    ::close(file);
    if (written) fs::rename(temporary, path, error);
    if (!written || error) return unavailable("cannot write " + path + "; is the disk full?");
    sync_folder_of(path);
    return ok();
}

Result<std::string> read_small_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return not_found("there is no file " + path);
    std::ostringstream text;
    text << file.rdbuf();
    return std::move(text).str();
}

}  // namespace herder::api
