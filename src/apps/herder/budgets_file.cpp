#include "budgets_file.h"

#include <fstream>
#include <iterator>

#include "base/digest.h"
#include "cli/config_files.h"

namespace herder {

namespace {

// Beside the database: the hash of the file that came into force last.
std::string mark_path(const std::string& data_dir) {
    return data_dir + "/budgets.applied";
}

std::string read_mark(const std::string& data_dir) {
    std::ifstream file(mark_path(data_dir), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

Result<BudgetsFile> read_budgets_file(const std::string& data_dir, const std::string& file) {
    const auto loaded = cli::load_budgets(file);
    if (!loaded) return loaded.error();
    BudgetsFile read;
    if (!*loaded) return read;
    const std::string& name = (*loaded)->file;
    read.hash = sha256_hex((*loaded)->text);
    if (read_mark(data_dir) == read.hash) {
        read.words =
            "Budgets  " + name + " is unchanged; what is in force stays (herder budget ls)\n";
        return read;
    }
    read.words = "Budgets  " + std::to_string((*loaded)->budgets.size()) + " of " + name + "\n";
    read.changed = (*loaded)->budgets;
    return read;
}

Status note_budgets_applied(const std::string& data_dir, const BudgetsFile& file) {
    if (!file.changed) return ok();
    std::ofstream mark(mark_path(data_dir), std::ios::binary | std::ios::trunc);
    mark << file.hash << std::flush;
    if (mark) return ok();
    return unavailable("cannot write " + mark_path(data_dir) + "; is the disk full?");
}

}  // namespace herder
