#include "worker/output_hashing.h"

#include <sys/stat.h>

namespace herder {

OutputHashing::OutputHashing(std::vector<OutputFile> files)
    : files_(std::move(files)), thread_([this] { run(); }) {}

OutputHashing::~OutputHashing() {
    stop_.cancel();
    if (thread_.joinable()) thread_.join();
}

std::optional<OutputHashing::Stamp> OutputHashing::stamp_of(const std::string& path) {
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) return std::nullopt;
    return Stamp{info.st_size, info.st_mtim.tv_sec * 1'000'000'000LL + info.st_mtim.tv_nsec};
}

void OutputHashing::run() {
    for (const OutputFile& file : files_) {
        const auto stamp = stamp_of(file.path);
        const Result<std::string> hash = hash_output(file.path, &stop_);
        if (stop_.is_cancelled()) return;
        if (stamp && hash) done_[file.name] = {*hash, *stamp};
    }
}

protocol::OutputHashes OutputHashing::finish() {
    thread_.join();
    protocol::OutputHashes hashes;
    for (const OutputFile& file : files_) {
        const auto found = done_.find(file.name);
        if (found != done_.end() && stamp_of(file.path) == found->second.stamp)
            hashes[file.name] = found->second.sha256;
    }
    return hashes;
}

}  // namespace herder
