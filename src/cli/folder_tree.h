#pragma once
// A local folder (or one file) as the tree that the server stores: its list of files and the pieces
// that their contents are cut into. Reads, hashes and reads again; sends nothing.
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/folder_listing.h"
#include "protocol/tree_json.h"

namespace herder::cli {

struct FolderTree {
    std::string folder;
    protocol::Tree tree;
    std::size_t files = 0;
    std::string only_file{};  // where the tree is that of one file, its path here

    // The content of one piece, read anew; kUnavailable where a file has changed since.
    Result<std::string> read_chunk(std::size_t index) const;
    std::string path_of(const protocol::TreeEntry& entry) const;
    std::string document() const { return protocol::to_json(tree); }
};

// Cuts what list_folder found.
Result<FolderTree> make_folder_tree(const std::string& folder,
                                    const std::vector<LocalEntry>& entries);
// One file, which is the only entry, under this name.
Result<FolderTree> make_file_tree(const std::string& file, const std::string& name);

}  // namespace herder::cli
