#include "hold_note.h"

#include <filesystem>

#include "api/private_file.h"

namespace herder {

namespace {

std::string path_in(const std::string& data_dir) {
    return data_dir + "/renting-held";
}

}  // namespace

Status write_hold_note(const std::string& data_dir, const std::string& actor) {
    if (!read_hold_note(data_dir).empty()) return ok();
    return api::write_private_file(path_in(data_dir), actor);
}

std::string read_hold_note(const std::string& data_dir) {
    const Result<std::string> text = api::read_small_file(path_in(data_dir));
    if (!text) return "";
    // A note that says nothing of who wrote it is a note all the same.
    return text->empty() ? "herder panic" : *text;
}

void remove_hold_note(const std::string& data_dir) {
    std::error_code ignored;
    std::filesystem::remove(path_in(data_dir), ignored);
}

}  // namespace herder
