#include "worker/cloned_file.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "worker/tree_files.h"

namespace herder {
namespace {

constexpr std::size_t kBlock = 256 << 10;

class OpenFile {
  public:
    OpenFile(const std::string& path, int flags) : fd_(::open(path.c_str(), flags, 0644)) {}
    ~OpenFile() {
        if (fd_ >= 0) ::close(fd_);
    }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    bool is_open() const { return fd_ >= 0; }
    int fd() const { return fd_; }
    // Some file systems (NFS) say only here that what was written has no room.
    bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

  private:
    int fd_;
};

// Sums `from`, and writes it to `to` unless that is -1.
Result<std::string> pass_through(int from, int to, const std::string& target,
                                 const http::CancelToken& cancel) {
    Sha256Stream digest;
    std::vector<char> block(kBlock);
    while (true) {
        if (cancel.is_cancelled())
            return Error{ErrorCode::kCancelled, "copying to " + target + ": it is not wanted"};
        const ssize_t n = ::read(from, block.data(), block.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return file_error("reading what is copied to " + target);
        if (n == 0) return digest.finish_hex();
        const std::string_view piece(block.data(), static_cast<std::size_t>(n));
        digest.update(piece);
        if (to >= 0 && !write_all(to, piece)) return file_error("writing " + target);
    }
}

}  // namespace

Result<std::string> clone_file(const std::string& source, const std::string& target,
                               const http::CancelToken& cancel) {
    const OpenFile from(source, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (!from.is_open()) return not_found("there is no file " + source);
    OpenFile to(target, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW);
    if (!to.is_open()) return file_error("writing " + target);
    const bool shares = ::ioctl(to.fd(), FICLONE, from.fd()) == 0;
    auto hash = shares ? pass_through(to.fd(), -1, target, cancel)
                       : pass_through(from.fd(), to.fd(), target, cancel);
    if (!to.close() && hash) hash = file_error("writing " + target);
    if (!hash) ::unlink(target.c_str());
    return hash;
}

}  // namespace herder
