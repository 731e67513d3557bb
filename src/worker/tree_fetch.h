#pragma once
// Brings a tree of files from the artifact store to a folder: what lies there already is verified
// and kept, the missing pieces are fetched over several connections and verified before a byte of
// them is written.
#include <functional>
#include <string>

#include "adapters/http/cancel.h"
#include "base/result.h"
#include "worker/data_cache.h"
#include "worker/server_link.h"
#include "worker/tree_files.h"

namespace herder {

struct TreeSource {
    std::string key;   // in the store
    std::string url;   // signed, for the list of files
    std::string name;  // for people: "the work folder"
};

class TreeFetch {
  public:
    using Say = std::function<void(const std::string& line)>;
    struct Parts {
        ServerLink& link;
        const http::CancelToken& cancel;
        Say say;
        DataCache* cache = nullptr;  // null: none
    };
    explicit TreeFetch(Parts parts) : parts_(std::move(parts)) {}

    // kNoCapacity where the disk is too small for it, before anything is written.
    Status run(const TreeSource& source, const std::string& folder);

  private:
    Result<protocol::Tree> fetch_tree(const TreeSource& source);
    Status fetch_piece(const TreeFiles& files, const protocol::TreeChunk& chunk, std::size_t index,
                       const std::string& url);
    Result<std::string> download_piece(const protocol::TreeChunk& chunk, const std::string& url);

    const Parts parts_;
};

// A compressed document that is named by the SHA-256 of its text, which is returned.
struct DocumentWish {
    std::string sha256;
    std::size_t size_max = 0;
};
Result<std::string> fetch_document(ServerLink& link, const http::CancelToken& cancel,
                                   const std::string& url, const DocumentWish& wish);

// Refuses with a sentence where `needed` bytes do not fit on the disk of `folder` (or of the
// nearest folder above that exists) with a little left over.
Status check_disk(const std::string& folder, std::int64_t needed, const std::string& what);

}  // namespace herder
