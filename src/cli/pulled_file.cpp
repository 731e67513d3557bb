#include "cli/pulled_file.h"

#include <filesystem>
#include <fstream>
#include <functional>

#include "base/digest.h"
#include "cli/cells.h"

namespace herder::cli {

namespace {

namespace fs = std::filesystem;

using OnPiece = std::function<Status(std::string_view piece)>;

Result<fs::path> place_for(const std::string& folder, const std::string& name) {
    const fs::path relative = fs::path(name).lexically_normal();
    if (relative.empty() || relative.is_absolute() || *relative.begin() == "..") {
        return invalid("'" + printable(name) + "' would lie outside of the folder");
    }
    return fs::path(folder) / relative;
}

Error cannot_write(const fs::path& path, int why) {
    return unavailable("cannot write '" + path.string() +
                       "': " + std::generic_category().message(why));
}

Status fetch(ServerLink& server, const PulledFile& file, const OnPiece& on_piece) {
    Sha256Stream hash;
    std::uint32_t crc = 0;
    const bool is_hashed = !file.sha256.empty();
    Status got = server.download(file.target, [&](std::string_view piece) -> Status {
        if (is_hashed) hash.update(piece);
        crc = crc32c(piece, crc);
        if (file.on_bytes) file.on_bytes(static_cast<std::int64_t>(piece.size()));
        return on_piece(piece);
    });
    if (!got) return got;
    const bool is_same =
        (!is_hashed || hash.finish_hex() == file.sha256) && (!file.crc32c || crc == *file.crc32c);
    if (is_same) return ok();
    return Error{ErrorCode::kCorrupt,
                 "'" + printable(file.name) +
                     "' arrived damaged, or it was changed where it is stored: it does not have "
                     "the hash that it was stored with; try again"};
}

}  // namespace

Result<std::string> place_of(const PulledFile& file) {
    const Result<fs::path> place = place_for(file.folder, file.name);
    if (!place) return place.error();
    return place->string();
}

bool is_pulled(const PulledFile& file, std::int64_t size) {
    const Result<fs::path> place = place_for(file.folder, file.name);
    std::error_code error;
    if (!place || file.sha256.empty() || !fs::is_regular_file(*place, error) ||
        fs::file_size(*place, error) != static_cast<std::uintmax_t>(size))
        return false;
    std::ifstream stream(*place, std::ios::binary);
    Sha256Stream hash;
    std::string block(1 << 18, '\0');
    while (stream.read(block.data(), static_cast<std::streamsize>(block.size())) ||
           stream.gcount() > 0)
        hash.update(std::string_view(block).substr(0, static_cast<std::size_t>(stream.gcount())));
    return !stream.bad() && hash.finish_hex() == file.sha256;
}

Status compare_file(ServerLink& server, const PulledFile& file) {
    return fetch(server, file, [](std::string_view) { return ok(); });
}

Result<std::string> pull_file(ServerLink& server, const PulledFile& file) {
    const Result<fs::path> place = place_for(file.folder, file.name);
    if (!place) return place.error();
    std::error_code failed;
    fs::create_directories(place->parent_path(), failed);
    if (failed) {
        return unavailable("cannot make the folder '" + place->parent_path().string() +
                           "': " + failed.message());
    }
    // Hidden, so that it is no other file's: a job may well leave X and X.part.
    const fs::path part = place->parent_path() / ("." + place->filename().string() + ".part");
    std::ofstream stream(part, std::ios::binary);
    if (!stream) return cannot_write(part, errno);
    Status result = fetch(server, file, [&](std::string_view piece) -> Status {
        stream.write(piece.data(), static_cast<std::streamsize>(piece.size()));
        return stream ? ok() : Status(cannot_write(part, errno));
    });
    stream.close();
    if (result && !stream) result = cannot_write(part, errno);
    if (result) {
        fs::rename(part, *place, failed);
        if (failed) result = cannot_write(*place, failed.value());
    }
    if (result) return place->string();
    fs::remove(part, failed);
    return result.error();
}

}  // namespace herder::cli
