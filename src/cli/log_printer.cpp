#include "cli/log_printer.h"

#include <ostream>

#include "cli/cells.h"

namespace herder::cli {

namespace {

constexpr std::size_t kHeldMax = 4 << 20;

// The place where the last `count` lines of `text` begin.
std::size_t tail_begin(std::string_view text, std::size_t count) {
    std::size_t at = text.size();
    if (at > 0 && text.back() == '\n') --at;
    for (; at > 0; --at) {
        if (text[at - 1] == '\n' && --count == 0) return at;
    }
    return 0;
}

}  // namespace

void LogPrinter::take(const LogPiece& piece) {
    if (!search_) return hold(piece.text);
    hold(search_->feed(std::to_string(piece.attempt) + "." + piece.stream, piece.text));
}

void LogPrinter::hold(std::string_view text) {
    if (tail_ == 0) return print(text);
    held_ += text;
    // Only the end matters; cut now and then so that a huge log does not fill the memory.
    if (held_.size() > kHeldMax) held_.erase(0, tail_begin(held_, tail_));
}

void LogPrinter::release() {
    if (tail_ > 0) print(std::string_view(held_).substr(tail_begin(held_, tail_)));
    held_.clear();
    tail_ = 0;
}

void LogPrinter::finish() {
    if (search_) hold(search_->finish());
    release();
}

void LogPrinter::print(std::string_view text) {
    if (text.empty()) return;
    if (streams_.out_is_terminal) {
        streams_.out << printable(text, true);
    } else {
        streams_.out << text;
    }
    streams_.out.flush();
}

}  // namespace herder::cli
