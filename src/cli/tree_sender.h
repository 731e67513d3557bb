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

struct SendHooks {
    std::function<void(const std::string&)> say{};  // a line now and then
    // After every piece, instead of those lines; may be empty.
    std::function<void(std::int64_t done, std::int64_t total)> on_sent{};
};

Result<SentTree> send_tree(ServerLink& server, const FolderTree& tree, const SendHooks& hooks);

}  // namespace herder::cli
