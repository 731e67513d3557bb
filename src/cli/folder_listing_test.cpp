#include "cli/folder_listing.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/random.h"
#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> paths_of(const Result<std::vector<LocalEntry>>& entries) {
    std::vector<std::string> paths;
    EXPECT_TRUE(entries) << entries.error().message;
    if (!entries) return paths;
    for (const LocalEntry& entry : *entries)
        paths.push_back(entry.path);
    return paths;
}
using Paths = std::vector<std::string>;

// What a program writes to its standard output; empty where there is no such program.
std::string output_of(std::vector<std::string> arguments) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    std::vector<char*> argv;
    for (std::string& argument : arguments)
        argv.push_back(argument.data());
    argv.push_back(nullptr);
    pid_t child = 0;
    const int failed = ::posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    std::string text;
    std::array<char, 4096> piece{};
    for (ssize_t n = 1; failed == 0 && n > 0;) {
        n = ::read(ends[0], piece.data(), piece.size());
        if (n > 0) text.append(piece.data(), static_cast<std::size_t>(n));
    }
    ::close(ends[0]);
    if (failed == 0) ::waitpid(child, nullptr, 0);
    return text;
}

TEST(FolderListing, ObeysIgnoreFilesAtEveryLevel) {
    const TestFolder here;
    here.write(".gitignore", "*.bin\n/out/\n");
    here.write("train.py", "x");
    here.write("weights.bin", "x");
    here.write("out/log", "x");
    here.write("sub/.gitignore", "!small.bin\nsecret\n");
    here.write("sub/small.bin", "x");
    here.write("sub/secret", "x");
    here.write("sub/out", "x");
    EXPECT_EQ(
        paths_of(list_folder(here.path, true)),
        (Paths{".gitignore", "sub", "sub/.gitignore", "sub/out", "sub/small.bin", "train.py"}));
    EXPECT_EQ(paths_of(list_folder(here.path, false)).size(), 10U);
}

TEST(FolderListing, ObeysTheRepositoryAroundIt) {
    const TestFolder here;
    here.write(".git/info/exclude", "private\n");
    here.write(".gitignore", "/project/data\n*.tmp\n");
    here.write("project/data/big", "x");
    here.write("project/private", "x");
    here.write("project/a.tmp", "x");
    here.write("project/run.py", "x");
    EXPECT_EQ(paths_of(list_folder(here.path + "/project", true)), Paths{"run.py"});
}

TEST(FolderListing, TellsModesSizesAndLinks) {
    const TestFolder here;
    here.write("run.sh", "12345");
    fs::permissions(here.path + "/run.sh", fs::perms::owner_exec, fs::perm_options::add);
    fs::create_symlink("run.sh", here.path + "/link");
    const auto entries = list_folder(here.path, true);
    ASSERT_TRUE(entries);
    ASSERT_EQ(entries->size(), 2U);
    EXPECT_EQ(
        entries->at(0),
        (LocalEntry{.path = "link", .kind = LocalEntry::Kind::kLink, .link_target = "run.sh"}));
    EXPECT_EQ(entries->at(1), (LocalEntry{.path = "run.sh", .executable = true, .size = 5}));
}

TEST(FolderListing, ALinkThatLeadsOutsideIsRefusedByName) {
    for (const char* target : {"/etc/passwd", "../neighbour", "sub/../../x"}) {
        const TestFolder here;
        fs::create_symlink(target, here.path + "/way-out");
        const auto entries = list_folder(here.path, true);
        ASSERT_FALSE(entries) << target;
        EXPECT_NE(entries.error().message.find("'way-out' leads to"), std::string::npos);
        here.write(".herderignore", "way-out\n");
        EXPECT_TRUE(list_folder(here.path, true)) << target;
    }
}

TEST(FolderListing, TheLimitNamesTheBiggestFiles) {
    const TestFolder here;
    here.write("a/huge.bin", std::string(900, 'x'));
    here.write("b.txt", std::string(200, 'x'));
    const auto entries = list_folder(here.path, true, {.bytes = 1000});
    ASSERT_FALSE(entries);
    const std::string& said = entries.error().message;
    EXPECT_LT(said.find("a/huge.bin"), said.find("b.txt")) << said;
    EXPECT_NE(said.find("b.txt"), std::string::npos) << said;
    const auto many = list_folder(here.path, true, {.entries = 2});
    ASSERT_FALSE(many);
    EXPECT_NE(many.error().message.find("the folder 'a' has the most"), std::string::npos);
}

// The same verdict as git's, for random trees under random rules.
class AgainstGit {
  public:
    explicit AgainstGit(std::uint64_t seed) : random_(seed) {
        output_of({"git", "init", "-q", here_.path});
        for (int i = 0; i < 25; ++i)
            here_.write(random_path() + "/" + random_name(), "x");
        for (const std::string folder : {"", "a/", "a/b/", "b/"}) {
            if (folder.empty() || fs::exists(here_.path + "/" + folder))
                here_.write(folder + ".gitignore", random_rules());
        }
    }
    std::set<std::string> by_git() const {
        std::set<std::string> paths;
        std::istringstream lines(
            output_of({"git", "-C", here_.path, "-c", "core.excludesFile=", "-c",
                       "core.quotePath=false", "ls-files", "-o", "--exclude-standard"}));
        for (std::string line; std::getline(lines, line);)
            paths.insert(line);
        return paths;
    }
    std::set<std::string> by_us() const {
        std::set<std::string> paths;
        const auto entries = list_folder(here_.path, true);
        if (!entries) return paths;
        for (const LocalEntry& entry : *entries) {
            if (entry.kind != LocalEntry::Kind::kFolder) paths.insert(entry.path);
        }
        return paths;
    }
    const std::string& rules() const { return rules_; }

  private:
    std::uint64_t below(std::uint64_t limit) {
        random_ = mix64(random_ + 1);
        return random_ % limit;
    }
    std::string pick(std::initializer_list<const char*> from) {
        return *(from.begin() + below(from.size()));
    }
    std::string random_name() {
        return pick({"a", "b", "ab", "a.x", "b.y", "x y", "#c", "!d"}) + ".f";
    }
    std::string random_path() {
        std::string path = pick({"a", "b", "ab"});
        for (std::uint64_t depth = below(3); depth > 0; --depth)
            path += "/" + pick({"a", "b", "ab"});
        return path;
    }
    std::string random_rules() {
        std::string text;
        for (std::uint64_t lines = below(5); lines > 0; --lines) {
            text += pick({"", "", "!", "/", "**/"});
            for (std::uint64_t parts = 1 + below(3); parts > 0; --parts)
                text += pick({"a", "b", "*", "?", "**", "/", "a/", "[ab]", "[!a]", ".f", "\\#c",
                              "a.x", "/**", "*.f", "x\\ y"});
            text += pick({"", "", "/", " ", "\\ "});
            text += "\n";
        }
        rules_ += "[" + text + "]\n";
        return text;
    }

    TestFolder here_;
    std::uint64_t random_;
    std::string rules_;
};

TEST(FolderListing, DecidesAsGitDoes) {
    if (output_of({"git", "--version"}).empty()) GTEST_SKIP() << "there is no git here";
    std::size_t ignored_somewhere = 0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const AgainstGit trial(seed * 7919);
        const std::set<std::string> wanted = trial.by_git();
        ASSERT_EQ(trial.by_us(), wanted) << "seed " << seed << "\n" << trial.rules();
        ignored_somewhere += wanted.size() < 20 ? 1 : 0;
    }
    EXPECT_GT(ignored_somewhere, 5U);  // the rules do something
}

}  // namespace
}  // namespace herder::cli
