#include "cli/ignore_rules.h"

#include <optional>

#include "cli/wildmatch.h"

namespace herder::cli {

namespace {

// Blanks at the end do not count, unless a backslash stands before them (gitignore(5), git 2.39).
std::string_view without_trailing_blanks(std::string_view line) {
    while (!line.empty() && line.back() == ' ') {
        const std::size_t last = line.find_last_not_of(' ');
        const bool is_escaped = last != line.npos && line[last] == '\\';
        if (!is_escaped) return line.substr(0, last == line.npos ? 0 : last + 1);
        return line.substr(0, last + 2);
    }
    return line;
}

std::string with_slash(const std::string& folder) {
    return folder.empty() ? "" : folder + "/";
}

}  // namespace

IgnoreRules::IgnoreRules() {
    add_lines(Layer::kDefault, ".git\n.hg/\n.svn/\n.herder/\n__pycache__/\n*.pyc\n.venv/\nvenv/\n");
}

void IgnoreRules::add_lines(Layer layer, std::string_view text, const std::string& folder,
                            const std::string& below) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        line = without_trailing_blanks(line);
        if (line.empty() || line.front() == '#') continue;
        Rule rule{.layer = layer, .folder = with_slash(folder), .below = with_slash(below)};
        rule.takes_back = line.front() == '!';
        if (rule.takes_back) line.remove_prefix(1);
        rule.folders_only = line.ends_with('/');
        if (rule.folders_only) line.remove_suffix(1);
        rule.anchored = line.find('/') != line.npos;
        if (line.starts_with('/')) line.remove_prefix(1);
        rule.pattern = line;
        if (!rule.pattern.empty()) rules_.push_back(std::move(rule));
    }
}

bool IgnoreRules::matches(const Rule& rule, std::string_view path, bool is_folder) {
    if (rule.folders_only && !is_folder) return false;
    if (!path.starts_with(rule.folder)) return false;
    if (!rule.anchored) return wildmatch(rule.pattern, path.substr(path.rfind('/') + 1));
    if (rule.below.empty()) return wildmatch(rule.pattern, path.substr(rule.folder.size()));
    return wildmatch(rule.pattern, rule.below + std::string(path));
}

bool IgnoreRules::is_ignored(std::string_view path, bool is_folder) const {
    const Rule* found = nullptr;
    for (const Rule& rule : rules_) {
        const bool counts = found == nullptr || rule.layer >= found->layer;
        if (counts && matches(rule, path, is_folder)) found = &rule;
    }
    return found != nullptr && !found->takes_back;
}

}  // namespace herder::cli
