#include "cli/folder_tree.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/chunk_cutter.h"
#include "base/digest.h"

namespace herder::cli {

namespace {

namespace fs = std::filesystem;

// Small files are cut finely, so that a changed line costs little; large ones coarsely, so that a
// data set has thousands of pieces and not millions. A large file begins and ends with a cut: its
// pieces do not depend on its neighbours.
constexpr ChunkSizes kFine{.min = 32 << 10, .average = 128 << 10, .max = 1 << 20};
constexpr ChunkSizes kCoarse{.min = 1 << 20, .average = 2 << 20, .max = protocol::kChunkSizeMax};
constexpr std::int64_t kLargeFile = 8 << 20;
constexpr std::size_t kPiece = 1 << 20;

class Cutter {
  public:
    explicit Cutter(std::vector<protocol::TreeChunk>& chunks) : chunks_(chunks) {}

    void take(std::string_view content) {
        held_ += content;
        cut(false);
    }
    // From here on with these sizes; what is held ends with a cut.
    void change(const ChunkSizes& sizes) {
        cut(true);
        sizes_ = sizes;
    }
    void finish() { cut(true); }
    const ChunkSizes& sizes() const { return sizes_; }

  private:
    void cut(bool is_end) {
        std::size_t at = 0;
        while (at < held_.size() && (is_end || held_.size() - at >= sizes_.max)) {
            const std::string_view rest = std::string_view(held_).substr(at);
            const std::size_t size = first_chunk(rest, sizes_);
            chunks_.push_back({sha256_hex(rest.substr(0, size)), static_cast<std::int64_t>(size)});
            at += size;
        }
        held_.erase(0, at);
    }

    std::vector<protocol::TreeChunk>& chunks_;
    ChunkSizes sizes_ = kFine;
    std::string held_;
};

Error changed(const std::string& path) {
    return unavailable("'" + path + "' could not be read whole; is it being changed? try again");
}

Status read_file_into(Cutter& cutter, const std::string& path, std::int64_t size) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return not_found("cannot read '" + path + "'");
    std::string piece(kPiece, '\0');
    for (std::int64_t left = size; left > 0;) {
        const auto wanted = std::min(left, static_cast<std::int64_t>(piece.size()));
        file.read(piece.data(), wanted);
        if (file.gcount() != wanted) return changed(path);
        cutter.take(std::string_view(piece).substr(0, static_cast<std::size_t>(wanted)));
        left -= wanted;
    }
    return ok();
}

Status cut_file(Cutter& cutter, const std::string& path, std::int64_t size) {
    const bool is_large = size >= kLargeFile;
    if (is_large) cutter.change(kCoarse);
    const Status read = read_file_into(cutter, path, size);
    if (is_large) cutter.change(kFine);
    return read;
}

protocol::TreeEntry to_entry(const LocalEntry& local) {
    return {.path = local.path,
            .size = static_cast<std::int64_t>(local.size),
            .folder = local.kind == LocalEntry::Kind::kFolder,
            .executable = local.kind == LocalEntry::Kind::kFile && local.executable,
            .link = local.link_target};
}

// With the entries in place: cuts their contents.
Status cut_all(FolderTree& made) {
    Cutter cutter(made.tree.chunks);
    for (const protocol::TreeEntry& entry : made.tree.entries) {
        if (entry.folder || !entry.link.empty()) continue;
        ++made.files;
        const Status cut = cut_file(cutter, made.path_of(entry), entry.size);
        if (!cut) return cut;
    }
    cutter.finish();
    return ok();
}

}  // namespace

std::string FolderTree::path_of(const protocol::TreeEntry& entry) const {
    return only_file.empty() ? folder + "/" + entry.path : only_file;
}

Result<FolderTree> make_folder_tree(const std::string& folder,
                                    const std::vector<LocalEntry>& entries) {
    FolderTree made{.folder = folder, .tree = {}};
    for (const LocalEntry& entry : entries)
        made.tree.entries.push_back(to_entry(entry));
    std::sort(made.tree.entries.begin(), made.tree.entries.end(),
              [](const auto& a, const auto& b) { return protocol::comes_before(a.path, b.path); });
    const Status cut = cut_all(made);
    if (!cut) return cut.error();
    return made;
}

Result<FolderTree> make_file_tree(const std::string& file, const std::string& name) {
    std::error_code failed;
    protocol::TreeEntry entry{.path = name};
    entry.size = static_cast<std::int64_t>(fs::file_size(file, failed));
    if (failed) return not_found("cannot read '" + file + "': " + failed.message());
    entry.executable =
        (fs::status(file, failed).permissions() & fs::perms::owner_exec) != fs::perms::none;
    FolderTree made{.folder = {}, .tree = {}, .only_file = file};
    made.tree.entries.push_back(std::move(entry));
    const Status cut = cut_all(made);
    if (!cut) return cut.error();
    return made;
}

Result<std::string> FolderTree::read_chunk(std::size_t index) const {
    std::int64_t begin = 0;
    for (std::size_t i = 0; i < index; ++i)
        begin += tree.chunks[i].size;
    const std::int64_t end = begin + tree.chunks[index].size;
    std::string content;
    std::int64_t at = 0;
    for (const protocol::TreeEntry& entry : tree.entries) {
        const std::int64_t from = std::max(begin, at);
        const std::int64_t to = std::min(end, at + entry.size);
        if (from < to) {
            std::string part(static_cast<std::size_t>(to - from), '\0');
            std::ifstream file(path_of(entry), std::ios::binary);
            file.seekg(from - at);
            file.read(part.data(), to - from);
            if (file.gcount() != to - from) return changed(entry.path);
            content += part;
        }
        at += entry.size;
        if (at >= end) break;
    }
    if (sha256_hex(content) == tree.chunks[index].sha256) return content;
    return unavailable("a file of '" + (only_file.empty() ? folder : only_file) +
                       "' has changed while it was sent; try again");
}

}  // namespace herder::cli
