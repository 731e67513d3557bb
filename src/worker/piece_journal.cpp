#include "worker/piece_journal.h"

#include <filesystem>
#include <sstream>

#include "base/digest.h"

namespace herder {

namespace {

// One checkpoint's files, whatever their URLs are at the moment.
std::string title_of(const protocol::RestorePlan& plan) {
    std::string text = std::to_string(plan.checkpoint.value);
    for (const protocol::RestoreFile& entry : plan.files) {
        text += '\n' + std::to_string(entry.file.size.count) + ' ' +
                std::to_string(entry.file.crc32c) + ' ' + entry.file.path;
    }
    return "pieces 1 " + sha256_hex(text);
}

}  // namespace

PieceJournal::PieceJournal(std::string path, const protocol::RestorePlan& plan)
    : path_(std::move(path)) {
    const std::string title = title_of(plan);
    load(title);
    // Written anew: the last line of before may be half a line.
    file_.open(path_, std::ios::trunc);
    file_ << title << '\n';
    for (const auto& [place, piece] : pieces_)
        write(place, piece);
    file_ << std::flush;
}

void PieceJournal::load(const std::string& title) {
    std::ifstream file(path_);
    std::string line;
    if (!std::getline(file, line) || line != title) return;
    while (std::getline(file, line)) {
        std::istringstream words(line);
        Place place;
        Piece piece;
        std::string end;
        // The last line may have been cut short.
        if (!(words >> place.first >> place.second >> piece.size >> piece.crc32c >> end)) return;
        if (end != ".") return;
        pieces_[place] = piece;
    }
}

void PieceJournal::add(const Place& place, const Piece& piece) {
    pieces_[place] = piece;
    write(place, piece);
    file_ << std::flush;
}

void PieceJournal::write(const Place& place, const Piece& piece) {
    file_ << place.first << ' ' << place.second << ' ' << piece.size << ' ' << piece.crc32c
          << " .\n";
}

void PieceJournal::remove() {
    file_.close();
    pieces_.clear();
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
}

}  // namespace herder
