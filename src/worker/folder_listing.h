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
    explicit FolderListing(std::string folder, std::size_t files_max = 20'000)
        : folder_(std::move(folder)), files_max_(files_max) {}

    // Regular files down to sixteen folders deep, at most `files_max`; links are not followed.
    std::vector<SeenFile> list();
    // Why the last list() does not hold all files, so that nothing can be told from it; empty: it
    // does.
    const std::string& cut() const { return cut_; }
    const std::string& folder() const { return folder_; }

  private:
    std::string folder_;
    std::size_t files_max_;
    std::string cut_;
    std::map<std::string, SeenFile> known_;  // by path
};

}  // namespace herder
