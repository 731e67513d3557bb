#include "cli/log_printer.h"

#include <algorithm>
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
    if (!search_) return hold(piece.stream, piece.text);
    hold(piece.stream,
         search_->feed(std::to_string(piece.attempt) + "." + piece.stream, piece.text));
}

void LogPrinter::hold(const std::string& stream, std::string_view text) {
    if (tail_ == 0) return print(text);
    auto held = std::find_if(held_.begin(), held_.end(),
                             [&](const Held& one) { return one.stream == stream; });
    if (held == held_.end()) held = held_.insert(held, Held{stream, ""});
    held->text += text;
    // Only the end matters; cut now and then so that a huge log does not fill the memory.
    if (held->text.size() > kHeldMax) held->text.erase(0, tail_begin(held->text, tail_));
}

void LogPrinter::release() {
    for (const Held& one : held_)
        print(std::string_view(one.text).substr(tail_begin(one.text, tail_)));
    held_.clear();
    tail_ = 0;
}

void LogPrinter::finish() {
    release();
    if (search_) print(search_->finish());
}

void LogPrinter::print(std::string_view text) {
    if (text.empty()) return;
    has_printed_ = true;
    if (streams_.out_is_terminal) {
        streams_.out << printable(text, true);
    } else {
        streams_.out << text;
    }
    streams_.out.flush();
}

}  // namespace herder::cli
