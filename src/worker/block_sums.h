#pragma once
// The CRC-32C of every MiB of a file, taken while it is read once. Those of its parts, whatever
// their size will be, and of the whole follow without reading it again.
#include <cstdint>
#include <string>
#include <vector>

#include "adapters/http/cancel.h"
#include "base/bytes.h"
#include "base/result.h"

namespace herder {

struct BlockSums {
    static constexpr std::int64_t kBlock = 1 << 20;
    Bytes size;
    std::vector<std::uint32_t> blocks;

    std::uint32_t whole() const { return of(Bytes{}, size); }
    // `offset` is a multiple of kBlock, and the range ends at one or at the file's end.
    std::uint32_t of(Bytes offset, Bytes length) const;
};

// kCancelled once `stop`, which may be null, says so.
Result<BlockSums> sum_blocks(const std::string& path, const http::CancelToken* stop = nullptr);

}  // namespace herder
