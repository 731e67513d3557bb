#pragma once
// Sends a tree to the server: only the pieces that the server does not have.
#include <cstdint>
#include <functional>
#include <string>

#include "cli/folder_tree.h"
#include "cli/server_link.h"

namespace herder::cli {

struct SentTree {
    std::string key;  // in the store
    std::size_t sent_chunks = 0;
    std::int64_t sent_bytes = 0;  // packed, as they travelled
};

// `say` gets a line now and then.
Result<SentTree> send_tree(ServerLink& server, const FolderTree& tree,
                           const std::function<void(const std::string&)>& say);

}  // namespace herder::cli
