#pragma once
// Follows a file that a job appends lines to, one whole line at a time.
#include <cstdint>
#include <string>
#include <vector>

namespace herder {

class LineTail {
  public:
    explicit LineTail(std::string path) : path_(std::move(path)) {}
    // Lines completed since the last call, at most about 1 MB; longer lines are skipped.
    std::vector<std::string> poll();

  private:
    std::string path_;
    std::int64_t offset_ = 0;
    std::string rest_;
    bool skipping_ = false;
};

}  // namespace herder
