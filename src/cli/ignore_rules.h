#pragma once
// Which files of a folder stay at home: the rules of .gitignore and .herderignore files, with git's
// meaning. Does not look at the disk; folder_listing does.
#include <string>
#include <string_view>
#include <vector>

namespace herder::cli {

class IgnoreRules {
  public:
    // What wins where several rules match: the higher layer, then the rule that was added later.
    enum class Layer { kGit, kDefault, kHerder };

    // With the middle layer filled: version control, caches and environments of Python. A line
    // "!.venv/" of a .herderignore takes one back in; a "!*" of a .gitignore does not.
    IgnoreRules();

    // The lines of an ignore file that lies in `folder`: relative to the root with '/', empty for
    // the root itself. A folder above the root is given by `below`, the way from there to the root.
    void add_lines(Layer layer, std::string_view text, const std::string& folder = "",
                   const std::string& below = "");
    std::size_t size() const { return rules_.size(); }
    // Forgets the rules after the first `size`, when their folder is left.
    void shrink_to(std::size_t size) { rules_.resize(size); }

    // `path` is relative to the root, with '/'. What lies in an ignored folder is not asked about.
    bool is_ignored(std::string_view path, bool is_folder) const;

  private:
    struct Rule {
        Layer layer = Layer::kGit;
        std::string pattern{};
        std::string folder{};  // with a slash at the end, or empty
        std::string below{};   // the same
        bool anchored = false;
        bool folders_only = false;
        bool takes_back = false;
    };
    static bool matches(const Rule& rule, std::string_view path, bool is_folder);
    std::vector<Rule> rules_;
};

}  // namespace herder::cli
