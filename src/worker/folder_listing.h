#pragma once
// Lists the files of a watched folder with what their structure tells, reading again only what has
// changed since the last time.
#include <map>
#include <string>
#include <vector>

#include "core/worker/checkpoint_layout.h"

namespace herder {

class FolderListing {
  public:
    explicit FolderListing(std::string folder) : folder_(std::move(folder)) {}

    // Regular files down to eight folders deep, at most 20,000; links are not followed.
    std::vector<SeenFile> list();
    const std::string& folder() const { return folder_; }

  private:
    std::string folder_;
    std::map<std::string, SeenFile> known_;  // by path
};

}  // namespace herder
