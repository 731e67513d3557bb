#pragma once
// The files of a tree on the disk, written and read as the one stream that its pieces are cut of.
// Creates them, says which pieces are there already, writes pieces in any order.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "protocol/tree_json.h"

namespace herder {

class TreeFiles {
  public:
    TreeFiles(const protocol::Tree& tree, std::string folder);

    // Bytes that the disk still has to give, going by the sizes of what is there.
    std::int64_t missing_bytes() const;
    // Folders and files with their sizes; contents that are there stay. What stands in the way
    // (a link, a file for a folder) is an error.
    Status create();
    // Whether what lies at the place of this piece is the piece. Thread-safe, as write() is.
    bool has(std::size_t chunk) const;
    Status write(std::size_t chunk, std::string_view content) const;
    // Modes and links, once all pieces are there.
    Status finish() const;

  private:
    // The part of a file that belongs to a piece.
    struct Segment {
        std::size_t entry = 0;
        std::int64_t at = 0;  // in the file
        std::int64_t size = 0;
    };
    std::vector<Segment> segments_of(std::size_t chunk) const;
    std::string path_of(std::size_t entry) const;

    const protocol::Tree& tree_;
    const std::string folder_;
    std::vector<std::int64_t> file_begins_;   // of each entry in the stream
    std::vector<std::int64_t> chunk_begins_;  // of each piece
    std::vector<bool> was_there_;             // by entry, before create()
};

// The error of a failed call on a file: kNoCapacity where the disk is full.
Error file_error(const std::string& what);
// False: errno says why.
bool write_all(int fd, std::string_view bytes);

}  // namespace herder
