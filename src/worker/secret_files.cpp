#include "worker/secret_files.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/sealed_text.h"

namespace herder {
namespace {

namespace fs = std::filesystem;

Error failed(const std::string& what) {
    return unavailable(what + ": " + std::strerror(errno));
}

Status write_all(int fd, const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
        const ssize_t n = ::write(fd, text.data() + at, text.size() - at);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return failed("writing a secret to memory");
        at += static_cast<std::size_t>(n);
    }
    return ok();
}

// A folder that nobody else can have made before; empty where this place is not in memory.
std::string make_folder_in(const std::string& place) {
    if (!is_in_memory(place)) return {};
    std::string name = place + "/herder-secrets-XXXXXX";
    return ::mkdtemp(name.data()) == nullptr ? std::string() : name;
}

}  // namespace

bool is_in_memory(const std::string& folder) {
    struct statfs info{};
    if (::statfs(folder.c_str(), &info) != 0) return false;
    return info.f_type == TMPFS_MAGIC || info.f_type == RAMFS_MAGIC;
}

SecretFiles::SecretFiles(std::vector<std::string> places, std::string links)
    : places_(std::move(places)), links_(std::move(links)) {}

SecretFiles::~SecretFiles() {
    remove();
}

Status SecretFiles::place(const std::vector<protocol::GivenSecret>& secrets) {
    remove();
    for (const protocol::GivenSecret& secret : secrets) {
        if (secret.name.empty() || secret.name.find('/') != secret.name.npos ||
            secret.name.front() == '.') {
            return invalid("the secret's name '" + secret.name + "' cannot be a file's");
        }
        if (secret.in_env) variables_[secret.name] = secret.value;
    }
    if (secrets.empty()) return ok();
    const Status placed = place_in_memory(secrets);
    return placed ? placed : place_links(secrets);
}

Status SecretFiles::place_in_memory(const std::vector<protocol::GivenSecret>& secrets) {
    for (const std::string& place : places_) {
        folder_ = make_folder_in(place);
        if (!folder_.empty()) break;
    }
    if (folder_.empty()) return unavailable("no folder of this machine is in memory");
    for (const protocol::GivenSecret& secret : secrets) {
        const std::string path = folder_ + "/" + secret.name;
        const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
        const Status written =
            fd < 0 ? Status(failed("making " + path)) : write_all(fd, secret.value);
        if (fd >= 0) ::close(fd);
        if (written) continue;
        std::error_code ignored;
        fs::remove_all(folder_, ignored);
        folder_.clear();
        return written;
    }
    return ok();
}

// /proc/PID/fd/N opens the file anew, for any process of the same user.
Status SecretFiles::place_links(const std::vector<protocol::GivenSecret>& secrets) {
    std::error_code error;
    fs::remove_all(links_, error);
    fs::create_directories(links_, error);
    if (!error) fs::permissions(links_, fs::perms::owner_all, error);
    if (error) return unavailable("making folder " + links_ + ": " + error.message());
    folder_ = links_;
    for (const protocol::GivenSecret& secret : secrets) {
        const int fd = ::memfd_create("herder-secret", MFD_CLOEXEC);
        if (fd < 0) return failed("making a file in memory");
        files_.push_back(fd);
        const Status written = write_all(fd, secret.value);
        if (!written) return written;
        const std::string target =
            "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(fd);
        if (::symlink(target.c_str(), (links_ + "/" + secret.name).c_str()) != 0)
            return failed("linking " + links_ + "/" + secret.name);
    }
    return ok();
}

void SecretFiles::remove() {
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
    folder_.clear();
    for (const int fd : files_)
        ::close(fd);
    files_.clear();
    for (auto& [name, value] : variables_)
        wipe(value);
    variables_.clear();
}

}  // namespace herder
