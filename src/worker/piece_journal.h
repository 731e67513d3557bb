#pragma once
// Notes on disk which pieces of a restore have arrived, so that an agent that is started again on
// the same disk fetches only the rest. It is a hint: whoever reads it verifies the pieces.
#include <cstdint>
#include <fstream>
#include <map>
#include <string>
#include <utility>

#include "protocol/orders_json.h"

namespace herder {

class PieceJournal {
  public:
    using Place = std::pair<std::size_t, std::int64_t>;  // file, offset in it
    struct Piece {
        std::int64_t size = 0;
        std::uint32_t crc32c = 0;
        bool operator==(const Piece&) const = default;
    };

    // Reads what an earlier restore of the same files noted at `path`; begins anew where it was
    // another one's.
    PieceJournal(std::string path, const protocol::RestorePlan& plan);

    const std::map<Place, Piece>& pieces() const { return pieces_; }
    void add(const Place& place, const Piece& piece);
    // The restore is complete, or worth nothing.
    void remove();

  private:
    void load(const std::string& title);
    void write(const Place& place, const Piece& piece);

    const std::string path_;
    std::map<Place, Piece> pieces_;
    std::ofstream file_;
};

}  // namespace herder
