// After git's wildmatch.c (2.39, with WM_PATHNAME), whose odd corners people rely on. The two kinds
// of "no" keep it from trying every split again: where a later star already failed to find its
// rest, an earlier one cannot help.
#include "cli/wildmatch.h"

#include <cctype>
#include <string>

namespace herder::cli {

namespace {

enum class Match { kYes, kNo, kNoAtAll, kNoBeyondFolder };

struct ClassName {
    std::string_view name;
    int (*holds)(int);
};
constexpr ClassName kClasses[] = {
    {"alnum", std::isalnum}, {"alpha", std::isalpha}, {"blank", std::isblank},
    {"cntrl", std::iscntrl}, {"digit", std::isdigit}, {"graph", std::isgraph},
    {"lower", std::islower}, {"print", std::isprint}, {"punct", std::ispunct},
    {"space", std::isspace}, {"upper", std::isupper}, {"xdigit", std::isxdigit}};

unsigned char byte(char c) {
    return static_cast<unsigned char>(c);
}

// One [...]: `at` stands behind the opening bracket and is moved behind the closing one.
class Bracket {
  public:
    Bracket(std::string_view pattern, std::size_t& at) : pattern_(pattern), at_(at) {}

    // kNoAtAll for a bracket that is not closed or names an unknown class.
    Match match(unsigned char wanted) {
        const bool negated =
            at_ < pattern_.size() && (pattern_[at_] == '!' || pattern_[at_] == '^');
        if (negated) ++at_;
        bool found = false;
        bool is_first = true;
        while (at_ < pattern_.size() && (is_first || pattern_[at_] != ']')) {
            is_first = false;
            if (pattern_.substr(at_).starts_with("[:")) {
                const std::size_t end = pattern_.find(":]", at_);
                if (end == pattern_.npos || !take_class(end, wanted, found)) return Match::kNoAtAll;
            } else if (!take_range(wanted, found)) {
                return Match::kNoAtAll;
            }
        }
        if (at_ >= pattern_.size()) return Match::kNoAtAll;
        ++at_;
        return found != negated ? Match::kYes : Match::kNo;
    }

  private:
    bool take_class(std::size_t end, unsigned char wanted, bool& found) {
        const std::string_view name = pattern_.substr(at_ + 2, end - at_ - 2);
        at_ = end + 2;
        for (const ClassName& one : kClasses) {
            if (one.name != name) continue;
            found = found || one.holds(wanted) != 0;
            return true;
        }
        return false;
    }
    bool take_char(unsigned char& c) {
        if (at_ < pattern_.size() && pattern_[at_] == '\\') ++at_;
        if (at_ >= pattern_.size()) return false;
        c = byte(pattern_[at_++]);
        return true;
    }
    // "a" or "a-z".
    bool take_range(unsigned char wanted, bool& found) {
        unsigned char low = 0;
        if (!take_char(low)) return false;
        unsigned char high = low;
        const bool is_range =
            at_ + 1 < pattern_.size() && pattern_[at_] == '-' && pattern_[at_ + 1] != ']';
        if (is_range) ++at_;
        if (is_range && !take_char(high)) return false;
        found = found || (low <= wanted && wanted <= high);
        return true;
    }

    std::string_view pattern_;
    std::size_t& at_;
};

Match match(std::string_view pattern, std::size_t at, std::string_view text);

// `at` stands behind the stars. The rest of the pattern against every suffix of the text.
Match match_rest(std::string_view pattern, std::size_t at, std::string_view text,
                 bool spans_folders) {
    for (std::size_t taken = 0;; ++taken) {
        const Match rest = match(pattern, at, text.substr(taken));
        if (rest == Match::kYes || rest == Match::kNoAtAll) return rest;
        if (rest == Match::kNoBeyondFolder && !spans_folders) return rest;
        if (taken == text.size()) return Match::kNoAtAll;
        if (!spans_folders && text[taken] == '/') return Match::kNoBeyondFolder;
    }
}

// `at` stands on a star.
Match match_star(std::string_view pattern, std::size_t at, std::string_view text) {
    const std::size_t first = at;
    while (at < pattern.size() && pattern[at] == '*')
        ++at;
    const bool ends = at == pattern.size();
    const bool before = first == 0 || pattern[first - 1] == '/';
    const bool after = ends || pattern[at] == '/' || pattern.substr(at).starts_with("\\/");
    const bool spans_folders = at - first > 1 && before && after;
    // "**/" is also no folder at all.
    if (spans_folders && !ends && pattern[at] == '/' && match(pattern, at + 1, text) == Match::kYes)
        return Match::kYes;
    if (ends) {
        const bool stays = spans_folders || text.find('/') == text.npos;
        return stays ? Match::kYes : Match::kNoBeyondFolder;
    }
    return match_rest(pattern, at, text, spans_folders);
}

Match match(std::string_view pattern, std::size_t at, std::string_view text) {
    for (; at < pattern.size(); text.remove_prefix(1)) {
        if (pattern[at] == '*') return match_star(pattern, at, text);
        if (text.empty()) return Match::kNoAtAll;
        const char c = pattern[at++];
        if (c == '?') {
            if (text.front() == '/') return Match::kNo;
        } else if (c == '[') {
            const Match found = Bracket(pattern, at).match(byte(text.front()));
            if (found != Match::kYes) return found;
            if (text.front() == '/') return Match::kNo;
        } else if (c == '\\') {
            if (at >= pattern.size() || pattern[at++] != text.front()) return Match::kNo;
        } else if (c != text.front()) {
            return Match::kNo;
        }
    }
    return text.empty() ? Match::kYes : Match::kNo;
}

}  // namespace

bool wildmatch(std::string_view pattern, std::string_view text) {
    return match(pattern, 0, text) == Match::kYes;
}

}  // namespace herder::cli
