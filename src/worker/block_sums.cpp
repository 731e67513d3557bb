#include "worker/block_sums.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "base/assert.h"
#include "base/crc32c_combine.h"
#include "base/digest.h"

namespace herder {

namespace {

// CPU seconds per GB on an EPYC, read and summed: 0.122 in pieces of 1 MiB, 0.142 of 256 KiB, 0.160
// of 64 KiB; mapped 0.141, and a job that cuts the file short would kill the agent.
constexpr std::int64_t kPiece = BlockSums::kBlock;

struct File {
    explicit File(const std::string& path)
        : descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
    ~File() { ::close(descriptor); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    int descriptor;
};

}  // namespace

std::uint32_t BlockSums::of(Bytes offset, Bytes length) const {
    HERDER_ASSERT(offset.count % kBlock == 0 && offset.count + length.count <= size.count);
    std::uint32_t sum = 0;
    for (std::int64_t at = offset.count, end = offset.count + length.count; at < end;
         at += kBlock) {
        const std::int64_t count = std::min(kBlock, size.count - at);
        HERDER_ASSERT(at + count <= end);
        sum = combine_crc32c(sum, blocks[static_cast<std::size_t>(at / kBlock)],
                             static_cast<std::uint64_t>(count));
    }
    return sum;
}

Result<BlockSums> sum_blocks(const std::string& path, const http::CancelToken* stop) {
    const File file(path);
    if (file.descriptor < 0) return not_found("opening " + path);
    const std::unique_ptr<char[]> piece(new char[kPiece]);
    BlockSums sums;
    std::int64_t in_block = 0;
    while (true) {
        if (stop != nullptr && stop->is_cancelled())
            return Error{ErrorCode::kCancelled, "summing " + path + " was broken off"};
        const std::int64_t wanted = kPiece - in_block;
        const ssize_t got = ::read(file.descriptor, piece.get(), static_cast<std::size_t>(wanted));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return unavailable("reading " + path);
        if (got == 0) return sums;
        if (in_block == 0) sums.blocks.push_back(0);
        sums.blocks.back() =
            crc32c({piece.get(), static_cast<std::size_t>(got)}, sums.blocks.back());
        sums.size.count += got;
        in_block = (in_block + got) % kPiece;
    }
}

}  // namespace herder
