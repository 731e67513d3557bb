#pragma once
// Prints log text as it comes: the lines that are looked for, beginning with the last ones. On a
// terminal without what could steer it.
#include <optional>
#include <string>
#include <string_view>

#include "cli/app.h"
#include "cli/job_feed.h"
#include "cli/line_search.h"

namespace herder::cli {

class LogPrinter {
  public:
    // `tail`: how many lines are printed of what is taken before the first release(); 0: all.
    LogPrinter(Streams& streams, std::size_t tail, std::optional<LineSearch> search)
        : streams_(streams), tail_(tail), search_(std::move(search)) {}

    void take(const LogPiece& piece);
    // After the first reading: what was held back is printed, the rest follows as it comes.
    void release();
    // Nothing more comes.
    void finish();

  private:
    void hold(std::string_view text);
    void print(std::string_view text);

    Streams& streams_;
    std::size_t tail_;
    std::optional<LineSearch> search_;
    std::string held_;
};

}  // namespace herder::cli
