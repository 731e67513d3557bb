#include "cli/ignore_rules.h"

namespace herder::cli {

IgnoreRules::IgnoreRules() {
    add_lines(".git/\n.hg/\n.svn/\n.herder/\n__pycache__/\n*.pyc\n.venv/\nvenv/\n");
}

void IgnoreRules::add_lines(std::string_view text) {
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
        while (!line.empty() && (line.back() == ' ' || line.back() == '\r'))
            line.remove_suffix(1);
        if (line.empty() || line.front() == '#') continue;
        Rule rule;
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

bool IgnoreRules::is_ignored(std::string_view path, bool is_folder) const {
    const std::size_t slash = path.rfind('/');
    const std::string_view name = slash == path.npos ? path : path.substr(slash + 1);
    for (auto rule = rules_.rbegin(); rule != rules_.rend(); ++rule) {
        if (rule->folders_only && !is_folder) continue;
        if (glob_matches(rule->pattern, rule->anchored ? path : name)) return !rule->takes_back;
    }
    return false;
}

bool glob_matches(std::string_view pattern, std::string_view text) {
    if (pattern.empty()) return text.empty();
    if (pattern.starts_with("**/") && glob_matches(pattern.substr(3), text)) return true;
    if (pattern.front() == '*') {
        const bool crosses = pattern.starts_with("**");
        const std::string_view rest = pattern.substr(crosses ? 2 : 1);
        for (std::size_t taken = 0;; ++taken) {
            if (glob_matches(rest, text.substr(taken))) return true;
            if (taken == text.size() || (!crosses && text[taken] == '/')) return false;
        }
    }
    if (text.empty() || (pattern.front() == '?' && text.front() == '/')) return false;
    if (pattern.front() != '?' && pattern.front() != text.front()) return false;
    return glob_matches(pattern.substr(1), text.substr(1));
}

}  // namespace herder::cli
