#pragma once
// .herderignore: which files of a work folder stay at home. The syntax is that of .gitignore
// without character classes: * ? ** ! # and slashes.
#include <string>
#include <string_view>
#include <vector>

namespace herder::cli {

class IgnoreRules {
  public:
    // Always first: version control, caches and environments of Python; a line "!.venv/" takes one
    // back in.
    IgnoreRules();
    void add_lines(std::string_view text);

    // `path` is relative to the folder, with '/'; the last rule that matches decides. What lies in
    // an ignored folder is not asked about.
    bool is_ignored(std::string_view path, bool is_folder) const;

  private:
    struct Rule {
        std::string pattern;
        bool anchored = false;
        bool folders_only = false;
        bool takes_back = false;
    };
    std::vector<Rule> rules_;
};

// * and ? stop at '/', ** does not.
bool glob_matches(std::string_view pattern, std::string_view text);

}  // namespace herder::cli
