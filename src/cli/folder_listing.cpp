#include "cli/folder_listing.h"

#include <algorithm>
#include <filesystem>

#include "base/bytes.h"
#include "base/confined_path.h"
#include "cli/ignore_rules.h"
#include "cli/local_files.h"

namespace herder::cli {

namespace {

namespace fs = std::filesystem;
using Layer = IgnoreRules::Layer;

constexpr std::size_t kNamedFiles = 5;
constexpr int kDepthMax = 100;

std::string size_text(std::uint64_t size) {
    return to_text(Bytes{static_cast<std::int64_t>(size)});
}

class Lister {
  public:
    Lister(fs::path root, bool with_ignore_files, const ListingLimits& limits)
        : root_(std::move(root)), obeys_(with_ignore_files), limits_(limits) {}

    Result<std::vector<LocalEntry>> run() {
        if (obeys_) add_rules_from_above();
        const Status listed = list("", 0);
        if (!listed) return listed.error();
        std::sort(found_.begin(), found_.end(),
                  [](const LocalEntry& a, const LocalEntry& b) { return a.path < b.path; });
        if (bytes_ > limits_.bytes) return too_large();
        return std::move(found_);
    }

  private:
    void add_rules(Layer layer, const fs::path& file, const std::string& folder,
                   const std::string& below = "") {
        const Result<std::string> text = read_file(file.string());
        if (text) rules_.add_lines(layer, *text, folder, below);
    }

    // The repository's own rules hold also where only a part of it is sent.
    void add_rules_from_above() {
        std::error_code failed;
        fs::path top = root_;
        while (!fs::exists(top / ".git", failed) && top.has_relative_path())
            top = top.parent_path();
        if (!fs::exists(top / ".git", failed)) return;
        const std::string way = root_.lexically_relative(top).generic_string();
        add_rules(Layer::kGit, top / ".git/info/exclude", "", way == "." ? "" : way);
        if (way == ".") return;
        fs::path place = top;
        for (const fs::path& step : root_.lexically_relative(top)) {
            add_rules(Layer::kGit, place / ".gitignore", "",
                      root_.lexically_relative(place).generic_string());
            place /= step;
        }
    }

    Status list(const std::string& folder, int depth) {
        if (depth > kDepthMax) {
            return invalid("'" + folder + "' is nested deeper than " + std::to_string(kDepthMax) +
                           " folders; add it to .herderignore");
        }
        const std::size_t before = rules_.size();
        const fs::path place = root_ / folder;
        if (obeys_) {
            add_rules(Layer::kGit, place / ".gitignore", folder);
            add_rules(Layer::kHerder, place / ".herderignore", folder);
        }
        std::error_code failed;
        fs::directory_iterator it(place, failed);
        for (; !failed && it != fs::directory_iterator(); it.increment(failed)) {
            const Status taken = take(*it, folder, depth);
            if (!taken) return taken;
        }
        if (failed) return invalid("cannot read '" + place.string() + "': " + failed.message());
        rules_.shrink_to(before);
        return ok();
    }

    Status take(const fs::directory_entry& entry, const std::string& folder, int depth) {
        std::error_code failed;
        const fs::file_status status = entry.symlink_status(failed);
        const std::string name = entry.path().filename().string();
        LocalEntry made{.path = folder.empty() ? name : folder + "/" + name};
        const bool is_folder = fs::is_directory(status);
        if (obeys_ && rules_.is_ignored(made.path, is_folder)) return ok();
        made.executable = (status.permissions() & fs::perms::owner_exec) != fs::perms::none;
        if (fs::is_symlink(status)) {
            made.kind = LocalEntry::Kind::kLink;
            made.executable = false;
            made.link_target = fs::read_symlink(entry.path(), failed).string();
            if (!failed && !is_confined_link(made.path, made.link_target))
                return leads_outside(made);
        } else if (is_folder) {
            made.kind = LocalEntry::Kind::kFolder;
        } else if (fs::is_regular_file(status)) {
            made.size = entry.file_size(failed);
        } else {
            return ok();
        }
        if (failed) return unavailable("cannot read '" + made.path + "': " + failed.message());
        const std::string path = made.path;
        const Status added = add(std::move(made));
        return added && is_folder ? list(path, depth + 1) : added;
    }

    Status add(LocalEntry entry) {
        bytes_ += entry.size;
        found_.push_back(std::move(entry));
        if (found_.size() <= limits_.entries) return ok();
        return invalid("'" + root_.string() + "' has more than " + std::to_string(limits_.entries) +
                       " files; the folder '" + fullest() +
                       "' has the most: leave it out in .herderignore, or send it as one archive");
    }

    static Error leads_outside(const LocalEntry& link) {
        return invalid("the symbolic link '" + link.path + "' leads to '" + link.link_target +
                       "', which is outside of the folder and would be missing on the machine; "
                       "copy what it names, or add the link to .herderignore");
    }

    // The first part of the most paths.
    std::string fullest() const {
        std::string most;
        std::size_t best = 0;
        std::string now;
        std::size_t count = 0;
        for (const LocalEntry& entry : found_) {
            const std::string first = entry.path.substr(0, entry.path.find('/'));
            count = first == now ? count + 1 : 1;
            now = first;
            if (count <= best) continue;
            best = count;
            most = first;
        }
        return most;
    }

    Error too_large() {
        const std::size_t named = std::min(kNamedFiles, found_.size());
        std::partial_sort(found_.begin(), found_.begin() + static_cast<std::ptrdiff_t>(named),
                          found_.end(),
                          [](const LocalEntry& a, const LocalEntry& b) { return a.size > b.size; });
        std::string text = "'" + root_.string() + "' has " + size_text(bytes_) +
                           ", more than the limit of " + size_text(limits_.bytes) +
                           "; the biggest files:";
        for (std::size_t i = 0; i < named; ++i)
            text += "\n  " + size_text(found_[i].size) + "  " + found_[i].path;
        return invalid(text +
                       "\nleave them out in .herderignore, or fetch them by URL with inputs");
    }

    fs::path root_;
    bool obeys_;
    ListingLimits limits_;
    IgnoreRules rules_;
    std::vector<LocalEntry> found_;
    std::uint64_t bytes_ = 0;
};

}  // namespace

Result<std::vector<LocalEntry>> list_folder(const std::string& folder, bool with_ignore_files,
                                            const ListingLimits& limits) {
    std::error_code failed;
    const fs::path root = fs::canonical(folder, failed);
    if (failed || !fs::is_directory(root, failed)) return invalid("'" + folder + "' is no folder");
    return Lister(root, with_ignore_files, limits).run();
}

}  // namespace herder::cli
