#pragma once
// A folder as it travels: a list of its files, folders and links, and the pieces that the contents
// of its files, one after another in the list's order, are cut into. Tree and pieces are stored
// under their SHA-256, so that what the store has is never sent again:
//   trees/<sha256 of this document>.json.gz     chunks/<2 digits>/<sha256 of the content>.gz
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace herder::protocol {

constexpr std::size_t kTreeSizeMax = 64 << 20;
constexpr std::size_t kTreeEntriesMax = 200'000;
constexpr std::size_t kChunkSizeMax = 4 << 20;
constexpr std::size_t kChunksAskedMax = 1000;  // in one request

struct TreeEntry {
    std::string path;  // relative, in the order of comes_before
    std::int64_t size = 0;
    bool folder = false;
    bool executable = false;
    std::string link{};  // the target of a symbolic link
    bool operator==(const TreeEntry&) const = default;
};
struct TreeChunk {
    std::string sha256;
    std::int64_t size = 0;
    bool operator==(const TreeChunk&) const = default;
};
struct Tree {
    std::vector<TreeEntry> entries;
    std::vector<TreeChunk> chunks;
    bool operator==(const Tree&) const = default;
    Bytes size() const;  // of all files
};

// The order of entries: a folder comes right before all that is below it.
bool comes_before(const std::string& a, const std::string& b);

std::string to_json(const Tree& tree);
// kCorrupt for paths and links that lead outside, that stand twice, below something that is no
// folder, or out of order, and for pieces that do not add up.
Result<Tree> parse_tree(std::string_view text);

// 64 hex digits in lower case.
bool is_sha256(std::string_view text);
std::string tree_key(const std::string& sha256);
std::string chunk_key(const std::string& sha256);
// The hash in a key of tree_key; empty for any other key.
std::string tree_of_key(const std::string& key);

// Which of these pieces does the store lack? The answer is the same document.
struct ChunkNames {
    std::vector<std::string> chunks;
    bool operator==(const ChunkNames&) const = default;
};
std::string to_json(const ChunkNames& names);
Result<ChunkNames> parse_chunk_names(std::string_view text);

// An agent wants signed URLs for pieces [from, from + pieces) of a tree of its job, or for files of
// a listing (listing_json.h); the answer is a SignResponse.
struct ChunkWish {
    std::string tree;  // the key
    std::int64_t from = 0;
    std::int64_t pieces = 0;
    std::size_t begin() const { return static_cast<std::size_t>(from); }
    // Past the last one, of so many that there are.
    std::size_t end(std::size_t count) const {
        return std::min(count, static_cast<std::size_t>(from + pieces));
    }
    bool operator==(const ChunkWish&) const = default;
};
std::string to_json(const ChunkWish& wish);
Result<ChunkWish> parse_chunk_wish(std::string_view text);

}  // namespace herder::protocol
