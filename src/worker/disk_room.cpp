#include "worker/disk_room.h"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace herder {
namespace {

std::int64_t size_of(const std::string& path) {
    std::error_code failed;
    const auto size = std::filesystem::file_size(path, failed);
    return failed ? 0 : static_cast<std::int64_t>(size);
}

// Also under the name that a file has until it is whole.
std::int64_t size_so_far(const std::string& path) {
    return path.empty() ? 0 : size_of(path) + size_of(path + ".part");
}

}  // namespace

DiskRoom::Writing::Writing(DiskRoom& room, const std::string& path) : room_(room) {
    const std::lock_guard lock(room_.mutex_);
    file_ = room_.writing_.insert(room_.writing_.end(), {path, size_so_far(path), std::nullopt});
}

DiskRoom::Writing::Writing(DiskRoom& room, std::int64_t size) : room_(room) {
    const std::lock_guard lock(room_.mutex_);
    file_ = room_.writing_.insert(room_.writing_.end(), {"", 0, size});
}

DiskRoom::Writing::~Writing() {
    const std::lock_guard lock(room_.mutex_);
    room_.writing_.erase(file_);
}

void DiskRoom::Writing::begin(const std::string& path) {
    const std::lock_guard lock(room_.mutex_);
    file_->path = path;
}

// From now on it counts as a whole.
void DiskRoom::Writing::give(Bytes size) {
    const std::lock_guard lock(room_.mutex_);
    file_->path.clear();
    room_.given_ += size.count;
}

void DiskRoom::note_given(Bytes size) {
    const std::lock_guard lock(mutex_);
    given_ += size.count;
}

std::int64_t DiskRoom::lacking(std::int64_t incoming) const {
    const std::lock_guard lock(mutex_);
    std::int64_t given = given_;
    std::int64_t coming = incoming;
    for (const File& file : writing_) {
        const std::int64_t there = std::max<std::int64_t>(0, size_so_far(file.path) - file.before);
        if (file.size)
            coming += std::max<std::int64_t>(0, *file.size - there);
        else
            given += there;
    }
    // Behind the sizes: what is written between the two counts twice rather than not at all.
    const auto free = free_();
    if (!free) return 0;
    return std::max<std::int64_t>(0, promised_.count - given) + coming - *free;
}

std::int64_t DiskRoom::coming() const {
    const std::lock_guard lock(mutex_);
    std::int64_t sum = 0;
    for (const File& file : writing_)
        sum += file.size.value_or(0);
    return sum;
}

}  // namespace herder
