#include "config/diagnostics.h"

#include <algorithm>
#include <tuple>

#include "config/plain_text.h"

namespace herder::config {

namespace {

constexpr std::size_t kNumberWidth = 5;

// What a terminal would obey, or could not draw, is not repeated to it.
std::string showable(std::string line) {
    if (!find_text_flaw(line)) return line;
    for (char& c : line) {
        if (c < ' ' || c > '~') c = '?';
    }
    return line;
}

std::vector<std::string> split_lines(const std::string& text) {
    std::vector<std::string> lines;
    std::size_t begin = 0;
    while (begin < text.size()) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string line = text.substr(begin, end - begin);
        if (line.ends_with('\r')) line.pop_back();
        std::replace(line.begin(), line.end(), '\t', ' ');  // one column each, as counted
        lines.push_back(showable(std::move(line)));
        begin = end + 1;
    }
    return lines;
}

std::size_t as_size(int n) {
    return static_cast<std::size_t>(std::max(n, 0));
}

// Code points of a UTF-8 text.
std::size_t characters(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

}  // namespace

Diagnostics::Diagnostics(std::string file, std::string text)
    : file_(std::move(file)), lines_(split_lines(text)) {}

void Diagnostics::add(Diagnostic diagnostic) {
    if (diagnostic.severity == Severity::kError) ++errors_;
    if (list_.size() >= kDiagnosticsMax) {
        ++left_out_;
        return;
    }
    list_.push_back(std::move(diagnostic));
}

void Diagnostics::error(const Place& place, std::string pointer, std::string message,
                        std::string help) {
    add({.severity = Severity::kError,
         .place = place,
         .pointer = std::move(pointer),
         .message = std::move(message),
         .help = std::move(help),
         .mark = {}});
}

void Diagnostics::warning(const Place& place, std::string pointer, std::string message,
                          std::string help) {
    add({.severity = Severity::kWarning,
         .place = place,
         .pointer = std::move(pointer),
         .message = std::move(message),
         .help = std::move(help),
         .mark = {}});
}

std::string Diagnostics::one(const Diagnostic& d) const {
    std::string text =
        file_ + ":" + std::to_string(d.place.line) + ":" + std::to_string(d.place.column) + ": " +
        (d.severity == Severity::kError ? "error: " : "warning: ") + d.message + "\n";
    const std::string gutter(kNumberWidth, ' ');
    if (d.place.line >= 1 && as_size(d.place.line) <= lines_.size()) {
        const std::string& line = lines_[as_size(d.place.line) - 1];
        const std::string number = std::to_string(d.place.line);
        const std::size_t column = as_size(d.place.column) - 1;
        const std::size_t width = characters(line);
        const std::size_t room = width > column ? width - column : 1;
        const std::size_t length = std::clamp<std::size_t>(as_size(d.place.length), 1, room);
        text += std::string(kNumberWidth - std::min(kNumberWidth, number.size()), ' ') + number +
                " | " + line + "\n";
        text += gutter + " | " + std::string(column, ' ') + std::string(length, '^');
        text += (d.mark.empty() ? "" : " " + d.mark) + "\n";
    }
    if (!d.help.empty()) text += gutter + " = help: " + d.help + "\n";
    return text;
}

std::string Diagnostics::to_text() const {
    std::vector<const Diagnostic*> sorted;
    for (const Diagnostic& diagnostic : list_)
        sorted.push_back(&diagnostic);
    std::sort(sorted.begin(), sorted.end(), [](const Diagnostic* a, const Diagnostic* b) {
        return std::tie(a->place.line, a->place.column, a) <
               std::tie(b->place.line, b->place.column, b);  // then as reported
    });
    std::string text;
    for (const Diagnostic* diagnostic : sorted)
        text += one(*diagnostic);
    if (left_out_ > 0) {
        text += file_ + ": and " + std::to_string(left_out_) +
                " more, not shown; correct these first\n";
    }
    return text;
}

}  // namespace herder::config
