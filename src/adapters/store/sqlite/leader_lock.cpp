#include "adapters/store/sqlite/leader_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace herder::sqlite {

namespace {

// f_type of NFS, SMB, CIFS, SMB2, AFS and Ceph: statfs(2), man-pages 6.03.
constexpr std::array<unsigned long, 6> kNetworkFileSystems{0x6969,     0x517B,     0xFF534D42,
                                                           0xFE534D42, 0x5346414F, 0x00C36400};

}  // namespace

LeaderLock::~LeaderLock() {
    if (file_ >= 0) ::close(file_);
}

Status LeaderLock::take(const std::string& path) {
    if (file_ >= 0) return ok();
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return unavailable("opening the lock file " + path + ": " + std::strerror(errno));
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
        const int why = errno;
        ::close(file);
        if (why == EWOULDBLOCK) {
            return Error{ErrorCode::kConflict,
                         "taking the lock " + path +
                             ": another server process leads this store; stop it first"};
        }
        return unavailable("taking the lock " + path + ": " + std::strerror(why));
    }
    file_ = file;
    return ok();
}

Status check_is_local(const std::string& folder) {
    struct statfs info{};
    if (::statfs(folder.c_str(), &info) != 0) {
        return unavailable("looking at the folder " + folder + ": " + std::strerror(errno));
    }
    const auto type = static_cast<unsigned long>(info.f_type) & 0xFFFFFFFFUL;
    if (std::find(kNetworkFileSystems.begin(), kNetworkFileSystems.end(), type) !=
        kNetworkFileSystems.end()) {
        return invalid("the folder " + folder +
                       " lies on a network file system, which can lose commits and locks; "
                       "choose a local disk");
    }
    return ok();
}

}  // namespace herder::sqlite
