#include "cli/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <ostream>

#include "base/bytes.h"
#include "cli/cells.h"
#include "cli/wall_clock.h"

namespace herder::cli {

namespace {

constexpr Duration kBetween = milliseconds(200);
constexpr std::size_t kWidth = 79;  // more are not needed
constexpr std::size_t kNameWidth = 20;
constexpr std::int64_t kBar = 10;

// The end of a long name says more than its beginning.
std::string short_name(const std::string& name) {
    const std::string text = printable(name);
    if (text.size() <= kNameWidth) return text + std::string(kNameWidth - text.size(), ' ');
    return "..." + text.substr(text.size() - (kNameWidth - 3));
}

// A line that is longer than the terminal is wide could not be drawn over.
std::size_t columns() {
    winsize size{};
    const bool is_known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    return is_known ? std::min<std::size_t>(kWidth, size.ws_col - 1U) : kWidth;
}

}  // namespace

std::string to_text(const ProgressLine& line, std::size_t width) {
    std::string text = short_name(line.name);
    const std::int64_t done = line.total > 0 ? std::min(line.done, line.total) : line.done;
    if (line.total > 0) {
        const auto part = static_cast<double>(done) / static_cast<double>(line.total);
        const auto bars = static_cast<std::int64_t>(part * kBar);
        const std::string percent = std::to_string(static_cast<int>(part * 100));
        text += " [" + std::string(static_cast<std::size_t>(bars), '#') +
                std::string(static_cast<std::size_t>(kBar - bars), ' ') + "] " +
                std::string(3 - std::min<std::size_t>(3, percent.size()), ' ') + percent + "%";
    }
    text += "  " + herder::to_text(Bytes{done});
    if (line.total > 0) text += " of " + herder::to_text(Bytes{line.total});
    // The first second says nothing of the speed.
    if (line.passed >= seconds(1) && done > 0) {
        const auto rate = static_cast<double>(done) / static_cast<double>(line.passed.us) * 1e6;
        text += "  " + herder::to_text(Bytes{static_cast<std::int64_t>(rate)}) + "/s";
        const auto left = static_cast<double>(line.total - done) / rate;
        if (line.total > 0 && left < 1e8)
            text += "  " + herder::to_text(seconds(static_cast<std::int64_t>(left) + 1)) + " left";
    }
    return text.substr(0, width);
}

Progress::Progress(Context& context, std::int64_t total, std::function<WallTime()> now)
    : context_(context),
      total_(total),
      now_(now ? std::move(now) : wall_now),
      is_shown_(context.streams.err_is_terminal && !context.output.is_quiet() &&
                !context.output.is_json()),
      width_(is_shown_ ? columns() : kWidth),
      started_(now_()) {}

Progress::~Progress() {
    wipe();
}

void Progress::begin(const std::string& name) {
    name_ = name;
    draw();
}

void Progress::add(std::int64_t bytes) {
    done_ += bytes;
    if (now_() - drawn_ >= kBetween) draw();
}

void Progress::show(const std::string& name, std::int64_t done, std::int64_t total) {
    name_ = name;
    done_ = done;
    total_ = total;
    if (now_() - drawn_ >= kBetween) draw();
}

void Progress::wipe() {
    if (!is_drawn_) return;
    context_.streams.err << '\r' << std::string(width_, ' ') << '\r' << std::flush;
    is_drawn_ = false;
}

void Progress::draw() {
    if (!is_shown_) return;
    drawn_ = now_();
    std::string line = to_text(ProgressLine{name_, done_, total_, drawn_ - started_}, width_);
    line.resize(width_, ' ');
    context_.streams.err << '\r' << line << std::flush;
    is_drawn_ = true;
}

}  // namespace herder::cli
