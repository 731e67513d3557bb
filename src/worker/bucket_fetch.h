#pragma once
// Brings the files of a user's bucket to a folder: those of the listing that was made when the job
// was submitted, each only while it is the same object. What lies there already from the same
// listing is kept.
#include <string>

#include "adapters/http/cancel.h"
#include "base/result.h"
#include "protocol/listing_json.h"
#include "worker/server_link.h"
#include "worker/tree_fetch.h"

namespace herder {

class BucketFetch {
  public:
    // `home`: for the note of what is here already.
    struct Parts {
        ServerLink& link;
        const http::CancelToken& cancel;
        TreeFetch::Say say;
        std::string home;
        DataCache* cache = nullptr;  // null: none
    };
    explicit BucketFetch(Parts parts) : parts_(std::move(parts)) {}

    // kNoCapacity where the disk is too small for it, before anything is written; kInvalid where an
    // object is another one than was listed.
    Status run(const TreeSource& source, const std::string& folder);

  private:
    Result<protocol::Listing> fetch_listing(const TreeSource& source);
    Status download(const protocol::ListedFile& file, const std::string& url,
                    const std::string& part);
    Status fetch_file(const protocol::ListedFile& file, const std::string& url,
                      const std::string& folder);

    const Parts parts_;
};

}  // namespace herder
