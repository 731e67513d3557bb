#pragma once
// How far a transfer is, as one line on stderr that is drawn again and again: only on a terminal,
// and never with --quiet or for programs.
#include <cstdint>
#include <functional>
#include <string>

#include "base/time.h"
#include "cli/app.h"

namespace herder::cli {

class Progress {
  public:
    // `total` bytes of everything; 0: not known. `now` for tests.
    Progress(Context& context, std::int64_t total, std::function<WallTime()> now = {});
    // Wipes the line.
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    // What is at work now.
    void begin(const std::string& name);
    void add(std::int64_t bytes);
    // The same for who counts for himself.
    void show(const std::string& name, std::int64_t done, std::int64_t total);
    bool is_shown() const { return is_shown_; }
    // Off the screen, for something else to be printed; the next bytes draw it again.
    void wipe();

  private:
    void draw();

    Context& context_;
    std::int64_t total_;
    const std::function<WallTime()> now_;
    const bool is_shown_;
    const std::size_t width_;
    const WallTime started_;
    WallTime drawn_;
    std::string name_;
    std::int64_t done_ = 0;
    bool is_drawn_ = false;
};

// "weights.bin  [#####     ]  51%  1.2 GB of 2.4 GB  88 MB/s  14s left", cut to the columns that
// there are.
struct ProgressLine {
    std::string name;
    std::int64_t done = 0;
    std::int64_t total = 0;
    Duration passed;
};
std::string to_text(const ProgressLine& line, std::size_t width = 79);

}  // namespace herder::cli
