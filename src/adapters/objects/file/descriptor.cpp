#include "adapters/objects/file/descriptor.h"

#include <unistd.h>

#include <cerrno>

namespace herder {

// Keeps errno: callers look at it after their descriptors are gone.
Descriptor::~Descriptor() {
    const int kept = errno;
    if (descriptor_ >= 0) ::close(descriptor_);
    errno = kept;
}

bool write_all(int file, const std::string& data) {
    for (std::size_t done = 0; done < data.size();) {
        const ssize_t size = ::write(file, data.data() + done, data.size() - done);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return false;
        done += static_cast<std::size_t>(size);
    }
    return true;
}

bool read_all(int file, std::string& data) {
    std::size_t done = 0;
    while (done < data.size()) {
        const ssize_t size =
            ::pread(file, data.data() + done, data.size() - done, static_cast<off_t>(done));
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return false;
        if (size == 0) break;
        done += static_cast<std::size_t>(size);
    }
    data.resize(done);
    return true;
}

}  // namespace herder
