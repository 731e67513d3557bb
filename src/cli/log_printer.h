#pragma once
// Prints log text as it comes: the lines that are looked for, beginning with the last ones. On a
// terminal without what could steer it.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/app.h"
#include "cli/job_feed.h"
#include "cli/line_search.h"

namespace herder::cli {

class LogPrinter {
  public:
    // `tail`: how many lines of each stream are printed of what is taken before the first
    // release(); 0: all.
    LogPrinter(Streams& streams, std::size_t tail, std::optional<LineSearch> search)
        : streams_(streams), tail_(tail), search_(std::move(search)) {}

    void take(const LogPiece& piece);
    // After the first reading: what was held back is printed, the rest follows as it comes.
    void release();
    // Nothing more comes.
    void finish();
    bool has_printed() const { return has_printed_; }

  private:
    struct Held {
        std::string stream;
        std::string text;
    };
    void hold(const std::string& stream, std::string_view text);
    void print(std::string_view text);

    Streams& streams_;
    std::size_t tail_;
    std::optional<LineSearch> search_;
    std::vector<Held> held_;
    bool has_printed_ = false;
};

}  // namespace herder::cli
