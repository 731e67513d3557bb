#include "vastsim/process_table.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

namespace herder::vastsim {

namespace {

struct Entry {
    std::int64_t pid = 0;
    std::int64_t parent = 0;
    char state = '?';
};

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// "123 (name with ) in it) S 1 ...": state and parent follow the last parenthesis.
bool read_stat(const std::filesystem::path& folder, Entry& entry) {
    const std::string text = read_file(folder / "stat");
    const std::size_t end = text.rfind(") ");
    if (end == std::string::npos || text.size() < end + 6) return false;
    entry.state = text[end + 2];
    const char* last = text.data() + text.size();
    return std::from_chars(text.data() + end + 4, last, entry.parent).ec == std::errc{};
}

std::vector<Entry> live_processes() {
    std::vector<Entry> out;
    std::error_code failed;
    for (const auto& item : std::filesystem::directory_iterator("/proc", failed)) {
        const std::string name = item.path().filename();
        Entry entry;
        const auto parsed = std::from_chars(name.data(), name.data() + name.size(), entry.pid);
        if (parsed.ec != std::errc{} || parsed.ptr != name.data() + name.size()) continue;
        const bool dead =
            !read_stat(item.path(), entry) || entry.state == 'Z' || entry.state == 'X';
        if (!dead) out.push_back(entry);
    }
    return out;
}

}  // namespace

std::vector<std::int64_t> process_tree(std::int64_t root) {
    std::multimap<std::int64_t, std::int64_t> children;
    std::vector<std::int64_t> out;
    for (const Entry& entry : live_processes()) {
        if (entry.pid == root) out.push_back(root);
        children.emplace(entry.parent, entry.pid);
    }
    for (std::size_t next = 0; next < out.size(); ++next) {
        const auto [first, last] = children.equal_range(out[next]);
        for (auto child = first; child != last; ++child)
            out.push_back(child->second);
    }
    return out;
}

std::vector<std::int64_t> processes_with_variable(const std::string& assignment) {
    std::vector<std::int64_t> out;
    const std::string wanted = '\0' + assignment + '\0';
    for (const Entry& entry : live_processes()) {
        const std::string text =
            '\0' + read_file("/proc/" + std::to_string(entry.pid) + "/environ") + '\0';
        if (text.find(wanted) != std::string::npos) out.push_back(entry.pid);
    }
    return out;
}

}  // namespace herder::vastsim
